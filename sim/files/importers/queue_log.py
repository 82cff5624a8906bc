"""Queue log: Asterisk's queue_log, as the file with bars or as a table of the database, event by event.

Source of the events and their parameters: the chapter "Queue Logs" of the Asterisk documentation, and app_queue.c. A call
begins with ENTERQUEUE; one that enters a second queue is a second call. Agents are on the phones while they are members of a
queue (ADDMEMBER to REMOVEMEMBER, or AGENTLOGIN to AGENTLOGOFF) and not paused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from sim.calls import NONE, Outcome
from sim.files.account import Account
from sim.files.call_log import opened_log
from sim.files.importers.moments import WallClock, day_and_ticks, moment_of
from sim.files.importers.sheets import Progress
from sim.files.log_rows import LogRow
from sim.files.reading import OpenText, open_text
from sim.files.sessions import Session
from sim.scenario.errors import Problem

TITLE = "Asterisk queue_log"
DB_COLUMNS = ("time", "callid", "queuename", "agent", "event")
LINE = re.compile(r"\d{9,10}(\.\d+)?\|[^|]*\|[^|]*\|[^|]*\|[A-Z]+")  # by which the file is known
_DONE = {"COMPLETECALLER", "COMPLETEAGENT", "TRANSFER", "BLINDTRANSFER", "ATTENDEDTRANSFER"}
_LEFT = {"ABANDON": Outcome.ABANDONED, "EXITWITHTIMEOUT": Outcome.DEFLECTED, "EXITWITHKEY": Outcome.DEFLECTED,
         "EXITEMPTY": Outcome.DEFLECTED}  # fmt: skip
_LOGS_ON = {"ADDMEMBER", "AGENTLOGIN", "AGENTCALLBACKLOGIN"}
_LOGS_OFF = {"REMOVEMEMBER", "AGENTLOGOFF", "AGENTCALLBACKLOGOFF"}
_KNOWN = {
    *_DONE, *_LEFT, *_LOGS_ON, *_LOGS_OFF, "ENTERQUEUE", "CONNECT", "PAUSE", "UNPAUSE", "PAUSEALL", "UNPAUSEALL",
    "RINGNOANSWER", "RINGCANCELED", "AGENTDUMP", "QUEUESTART", "CONFIGRELOAD", "DID", "INFO", "SYSCOMPAT", "ADDPENALTY",
    "REMOVEPENALTY", "MEMBERPENALTY", "QUEUEPENALTY", "TRANSFERRED", "CALLERHANGUP",
}  # fmt: skip
_NOBODY = ("NONE", "")
_SOMEWHERE = "in a queue that no line has named"
_LONGEST = timedelta(hours=24)  # a session


class Event(NamedTuple):
    """One line: when, the call's id, queue, agent, what happened, its parameters, and where the line stands."""

    when: datetime
    call: str
    queue: str
    agent: str
    event: str
    parameters: tuple[str, ...]
    spot: str


class _Open(NamedTuple):
    """A call that is not over."""

    entered: datetime
    caller: str
    spot: str
    answered: datetime | None = None
    agent: str = ""


class QueueLog:
    """Reads the events of a log into calls, file after file, oldest first; `sessions` are there when it is closed.

    A log is cut into files while calls are waiting, so what is open at the end of one file goes on in the next.
    """

    def __init__(self, clock: WallClock, account: Account) -> None:
        self._last: Event | None = None
        self._clock, self._account = clock, account
        self._open: dict[tuple[str, str], _Open] = {}
        self._member: dict[str, set[str]] = {}
        self._paused: dict[str, set[str]] = {}
        self._since: dict[str, datetime] = {}
        self._number = 0
        self.sessions: list[Session] = []

    def calls(self, events: Iterable[Event]) -> Iterator[LogRow]:
        """The calls as they end, oldest end first; what is left out goes to the account."""
        for event in events:
            if self._last is not None and self._is_earlier(event.when, self._last.when):
                self._account.say("read as", "{n} lines are older than the line before", place=event.spot, assumed=True)
            self._last = event
            yield from self._happens(event)

    def close(self) -> None:
        """Ends the sessions, and says which calls were not over."""
        for one in self._open.values():
            self._account.say("left out", "{n} calls that are not over at the end of the log", place=one.spot)
        if self._last is not None:
            for agent in list(self._since):
                said = "{n} agents are still there at the end of the log"
                self._account.say("sessions", said, place=self._last.spot, assumed=True)
                self._leaves(agent, self._last.when)

    def _is_earlier(self, moment: datetime, other: datetime) -> bool:
        """Whether one moment is before another; an hour that the clock on the wall shows again is not."""
        alike = moment.tzinfo is other.tzinfo
        return not (alike and moment >= other) and self._clock.elapsed(other, moment) < 0

    def _happens(self, event: Event) -> Iterator[LogRow]:
        name, key = event.event, (event.call, event.queue)
        if name == "ENTERQUEUE":
            if key in self._open:
                self._account.say("left out", "{n} calls that enter a queue again without having left it", place=event.spot)
            self._open[key] = _Open(event.when, _parameter(event, 1), event.spot)
        elif name == "CONNECT" and key in self._open:
            self._open[key] = self._open[key]._replace(answered=event.when, agent=event.agent)
            self._seen(event.agent, event)
        elif name in _DONE or name in _LEFT:
            if key not in self._open:
                self._account.say("left out", "{n} calls that began before the log does", place=event.spot)
            elif (row := self._ends(self._open.pop(key), event)) is not None:
                yield row
        elif name == "QUEUESTART":
            for one in self._open.values():
                self._account.say("left out", "{n} calls that were open as Asterisk started anew", place=one.spot)
            self._open.clear()
        elif name == "RINGNOANSWER":
            self._account.say("read", "{n} rings that nobody answered: their time is part of the wait", place=event.spot)
        elif event.agent not in _NOBODY and name in _LOGS_ON | _LOGS_OFF:
            self._logs(event)
        elif event.agent not in _NOBODY and name in ("PAUSE", "UNPAUSE", "PAUSEALL", "UNPAUSEALL"):
            self._pauses(event)
        elif name not in _KNOWN:
            self._account.say("left out", "{n} lines of events that are not known here", place=f"{event.spot}: {name}")

    def _ends(self, call: _Open, event: Event) -> LogRow | None:
        came = self._clock.at(call.entered, call.spot)
        if came is None:
            return None
        day, arrival = day_and_ticks(came)
        answer, outcome = NONE, _LEFT.get(event.event, Outcome.ANSWERED)
        if event.event in _DONE and call.answered is None:
            self._account.say("left out", "{n} calls that ended without having begun with an agent", place=event.spot)
            return None
        if call.answered is not None:
            answer, outcome = arrival + max(self._clock.elapsed(call.entered, call.answered), 0), Outcome.ANSWERED
        end = max(arrival + self._clock.elapsed(call.entered, event.when), answer, arrival)
        if outcome == Outcome.DEFLECTED:
            said = "{n} callers left the queue by its timeout, a key or because it was empty: offered, not answered, and what "
            self._account.say("read as", said + "they would have waited is not known (deflected)", place=event.spot, assumed=True)
        self._number += 1
        return LogRow(
            day, self._number, event.queue, arrival, arrival, arrival, answer, end, NONE, int(outcome),
            agent=call.agent, customer=call.caller, id=f"{event.call}-{event.queue}-{call.entered}",
        )  # fmt: skip

    def _seen(self, agent: str, event: Event) -> None:
        """An agent who takes a call is there, also where no line says that he came."""
        if agent not in self._member and agent not in _NOBODY:
            self._account.say("sessions", "{n} agents were there before the log says so: from their first call on",
                              place=event.spot, assumed=True)  # fmt: skip
            self._member[agent] = {event.queue}
            self._ready(agent, event.when)

    def _logs(self, event: Event) -> None:
        queues = self._member.setdefault(event.agent, set())
        if event.event in _LOGS_ON:
            queues.add(_SOMEWHERE if event.queue in _NOBODY else event.queue)
        elif event.queue in _NOBODY:
            queues.clear()
        else:
            queues.difference_update((event.queue, _SOMEWHERE))
        self._ready(event.agent, event.when)

    def _pauses(self, event: Event) -> None:
        paused = self._paused.setdefault(event.agent, set())
        everywhere = event.queue in _NOBODY or event.event.endswith("ALL")
        if event.event.startswith("PAUSE"):
            paused.update({""} if everywhere else {event.queue})
        elif everywhere:
            paused.clear()
        else:
            paused.discard(event.queue)
        if event.agent not in self._member:  # a pause shows that he was there
            self._member[event.agent] = {_SOMEWHERE if everywhere else event.queue}
        self._ready(event.agent, event.when)

    def _ready(self, agent: str, when: datetime) -> None:
        """Begins or ends an agent's stretch on the phones."""
        paused = self._paused.get(agent, set())
        member = self._member.get(agent, set())
        named = member - {_SOMEWHERE} or member  # whoever is paused in all queues that are named is paused
        there = bool(named - paused) and "" not in paused
        if there and agent not in self._since:
            self._since[agent] = when
        elif not there and agent in self._since:
            self._leaves(agent, when)

    def _leaves(self, agent: str, when: datetime) -> None:
        since = self._since.pop(agent)
        first, last = self._clock.at(since), self._clock.at(when)
        if first is None or last is None or last <= first:
            return
        if last - first > _LONGEST:
            self._account.say("sessions", "{n} agents never logged off for more than a day: cut at midnight", assumed=True)
        while last - first > _LONGEST:
            midnight = datetime(first.year, first.month, first.day) + timedelta(days=1)
            self.sessions.append(Session(agent, first, midnight))
            first = midnight
        if first < last:
            self.sessions.append(Session(agent, first, last))


def _parameter(event: Event, at: int) -> str:
    return event.parameters[at] if at < len(event.parameters) else ""


def queue_lines(path: Path, opened: OpenText, *, database: bool, progress: Progress | None) -> Iterator[tuple[str, list[str]]]:
    """(where it stands, cells) of the lines with bars, or of the rows of a table with the columns of the database."""
    if database:
        header, reader = opened_log(path, opened.text)
        titles = [title.casefold() for title in header]
        more = [f"data{number}" for number in range(1, 6)] if "data1" in titles else ["data"]
        order = [titles.index(title) for title in (*DB_COLUMNS, *more) if title in titles]
        cells = ([row[at] if at < len(row) else "" for at in order] for row in reader)
        if "data" in titles and "data1" not in titles:  # one column with all parameters
            cells = ([*row[:-1], *row[-1].split("|")] for row in cells)
        first = 2
    else:
        cells, first = (line.rstrip("\r\n").split("|") for line in opened.text), 1
    for line, row in enumerate(cells, first):
        if progress is not None and line % 10_000 == 0:
            progress(opened.position(), opened.size)
        if any(cell.strip() for cell in row):
            yield f"{path}:{line}", row


def began(path: Path, *, database: bool) -> datetime:
    """When the first event of a file was; the latest moment there is where it has none."""
    with open_text(path) as opened:
        events = events_of(queue_lines(path, opened, database=database, progress=None), Account())
        when = next((event.when for event in events), datetime.max)
    return when if when.tzinfo is not None else when.replace(tzinfo=UTC)


def events_of(rows: Iterable[tuple[str, list[str]]], account: Account) -> Iterator[Event]:
    """Events from (where it stands, cells) of the file's lines or the table's rows: time, call, queue, agent, event, more."""
    for place, cells in rows:
        spot = Path(place).name
        if len(cells) < 5:
            account.wrong(Problem("", f"has {len(cells)} parts; a queue_log has at least 5", place=place))
            continue
        time, call, queue, agent, event, *parameters = (cell.strip() for cell in cells)
        when = moment_of(time, ("iso",) if "-" in time else ("epoch",))
        if not isinstance(when, datetime):
            account.wrong(Problem("time", "must be seconds since 1970 or a date and time", time, place=place))
            continue
        yield Event(when, call, queue, agent, event.upper(), tuple(parameters), spot)
