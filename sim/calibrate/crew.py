"""Crew: the agents of a recorded day one by one: their shifts from a sessions file, and when they were away from who waited.

An agent of the model does not idle while a caller waits whom he serves. So where somebody waited and he was in no call, he
was not ready: directly after a call, for a minute at most, that is its wrap-up, and what is longer, or came later, is time
away. When he decided to go is not recorded: somewhere in his last call before, which he finished; the middle is taken, for
the end of a shift as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calibrate.calibration import Table
from sim.calibrate.pools import GENERAL
from sim.calibrate.presence import AWAY_AFTER
from sim.calibrate.turns import Turns, skills, turns
from sim.calls import NONE
from sim.files.history import History
from sim.files.sessions import Sessions
from sim.scenario.errors import CallsimError
from sim.scenario.scenario import Scenario
from sim.scenario.units import DAY, TICKS_PER_SECOND, ticks

Ints = npt.NDArray[np.int64]
_AT_ONCE = ticks(1.0)  # logs are in whole seconds: who waits a second after a call's end waited when it ended


class Crew(NamedTuple):
    """Agents, shifts and groups as a scenario's table has them; the calls, with the wrap-up that was found.

    unnamed : answered calls of nobody who has a session then: an agent is there for each
    silent : those with a session who answered no call on the day
    """

    agents: list[Table]
    shifts: list[Table]
    groups: list[Table]
    calls: History
    unnamed: int
    silent: tuple[str, ...]


class _Found(NamedTuple):
    """What is known of one agent: away (since, until) in ticks, and (row of a call, its wrap-up's end)."""

    away: list[tuple[int, int]]
    wraps: list[tuple[int, int]]


def crew(calls: History, day: date, sessions: Sessions, like: Scenario, until: int, always: Turns) -> Crew:
    """Who was there on the day of the calls; `until` : ticks, when it ends; `always` : the turns of the whole log.

    Raises CallsimError where nobody has a session on the day.
    """
    there = sessions.on(day, until)
    if not there:
        first, last = min(one.start for one in sessions.sessions), max(one.end for one in sessions.sessions)
        raise CallsimError(f"{sessions.source}: nobody was there on {day}; it has {first:%Y-%m-%d} to {last:%Y-%m-%d}")
    kinds = [kind.name for kind in like.call_types]
    today = turns(calls, like)
    release = calls.release.copy()
    open_ = calls.answer != NONE  # answered by nobody yet
    agents: list[Table] = []
    shifts: list[Table] = []
    silent: list[str] = []
    of_group: dict[str, list[str]] = {}
    for name, spans in there.items():
        group, said = sessions.of(name, day)
        does = [kind for kind in kinds if kind in said] if said else list(skills(name, kinds, today, always))
        does = does or kinds
        waiting = _waiting(calls, does)
        mine = _rows(calls, name, open_)
        if not len(mine):
            silent.append(name)
        codes, breaks = [], []
        for number, (since, to) in enumerate(spans, start=1):
            rows = mine[(calls.answer[mine] >= since) & (calls.answer[mine] < max(to, since + 1)) & open_[mine]]
            open_[rows] = False
            ends = _end(calls, rows, since, to)
            found = _session(calls, rows, since, to, waiting)
            for row, end in found.wraps:
                release[row] = end
            breaks += _apart(found.away, since, ends)
            codes.append(f"{name} {number}")
            shifts.append(_shift(codes[-1], since, ends))
        agents.append(_agent(name, group or GENERAL, does, codes, day, breaks))
        of_group.setdefault(group or GENERAL, []).extend(does)
    extra = list(_unnamed(calls, np.flatnonzero(open_)))
    taken = {one["name"] for one in agents}
    numbers = (number for number in range(1, len(extra) + len(taken) + 1) if f"unnamed {number}" not in taken)
    for (kind, times), number in zip(extra, numbers, strict=False):
        codes = [f"unnamed {number} {at}" for at in range(1, len(times) + 1)]
        shifts += [_shift(code, *span) for code, span in zip(codes, times, strict=True)]
        agents.append(_agent(f"unnamed {number}", GENERAL, [kind], codes, day, []))
        of_group.setdefault(GENERAL, []).append(kind)
    groups: list[Table] = [  # no heads, but policies may add some
        {"name": name, "skills": [[kind for kind in kinds if kind in does]], "agents": {"per_interval": 0.0}}
        for name, does in sorted(of_group.items())
    ]
    return Crew(agents, shifts, groups, replace(calls, release=release), int(open_.sum()), tuple(silent))


def _waiting(calls: History, kinds: list[str]) -> Ints:
    """When somebody of these types waited: int64, shape (stretches, 2), in order, apart from each other."""
    codes = [calls.call_types.index(kind) for kind in kinds if kind in calls.call_types]
    there = (calls.queue_entry != NONE) & (calls.wait > 0) & np.isin(calls.call_type, codes)
    begin, end = calls.queue_entry[there], (calls.queue_entry + calls.wait)[there]
    if not len(begin):
        return np.zeros((0, 2), np.int64)
    order = np.argsort(begin, kind="stable")
    begin, last = begin[order], np.maximum.accumulate(end[order])
    new = np.flatnonzero(np.append(True, begin[1:] > last[:-1]))
    return np.stack([begin[new], last[np.append(new[1:] - 1, -1)]], axis=1)


def _rows(calls: History, agent: str, open_: npt.NDArray[np.bool_]) -> Ints:
    """The rows of the calls that an agent answered, in that order."""
    if agent not in calls.agents:
        return np.zeros(0, np.int64)
    rows = np.flatnonzero(open_ & (calls.agent == calls.agents.index(agent)))
    return rows[np.argsort(calls.answer[rows], kind="stable")]


def _free(calls: History, rows: Ints) -> Ints:
    """When the agent was free after each of his calls; talk may overlap in a log."""
    return np.maximum.accumulate(np.maximum(calls.end[rows], calls.release[rows]))


def _end(calls: History, rows: Ints, since: int, to: int) -> int:
    """When the shift ends of a session: the agent decides in his last call, where the session ends with it."""
    if len(rows) and int(_free(calls, rows)[-1]) >= to - _AT_ONCE:
        to = min(to, _middle(int(calls.answer[rows[-1]]), to))
    return min(max(to, since + TICKS_PER_SECOND), 2 * DAY)


def _middle(begin: int, end: int) -> int:
    return (begin + end) // 2 // TICKS_PER_SECOND * TICKS_PER_SECOND


def _session(calls: History, rows: Ints, since: int, to: int, waiting: Ints) -> _Found:
    """What the agent did between the calls of a session."""
    found = _Found([], [])
    free = [since, *_free(calls, rows).tolist()]
    begin = [*calls.answer[rows].tolist(), to]
    queued = [*(calls.wait[rows] > 0).tolist(), False]
    for at in range(len(begin)):
        row = int(rows[at - 1]) if at else NONE
        _gap(calls, row, free[at], begin[at], queued[at], waiting, found)
    return found


def _gap(calls: History, row: int, free: int, begin: int, queued: bool, waiting: Ints, out: _Found) -> None:
    """One gap, after the call in `row` (none: -1), until `begin`; `queued`: who was then answered had waited."""
    spans = np.clip(waiting[np.searchsorted(waiting[:, 1], free, side="right") :], free, max(begin, free))
    spans = spans[spans[:, 0] < spans[:, 1]]
    recorded = row == NONE or calls.release[row] != NONE
    if begin <= free and not recorded:
        out.wraps.append((row, int(calls.end[row])))
    if not len(spans):
        return
    first, at_once = int(spans[0, 0]), int(spans[0, 0]) <= free + _AT_ONCE
    if int((spans[:, 1] - spans[:, 0]).sum()) > AWAY_AFTER:
        last = begin if queued else int(spans[-1, 1])
        if not at_once or row == NONE:
            out.away.append((first, last))
            return
        going = max(_middle(int(calls.answer[row]), free), int(calls.answer[row]))
        out.away.append((going, going + last - free))
        if not recorded:
            out.wraps.append((row, int(calls.end[row])))
        return
    if at_once and not recorded:
        out.wraps.append((row, int(spans[0, 1])))
        spans = spans[1:]
    out.away.extend((int(a), int(b)) for a, b in spans)


def _unnamed(calls: History, rows: Ints) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Agents for the calls of nobody: (call type, [when he is there]), as few as can be."""
    free: list[tuple[int, int]] = []  # until when, whose type
    found: list[list[tuple[int, int]]] = []
    for row in rows[np.argsort(calls.answer[rows], kind="stable")].tolist():
        kind, begin, end = int(calls.call_type[row]), int(calls.answer[row]), int(calls.end[row])
        span = begin, max(_middle(begin, end), begin + TICKS_PER_SECOND)
        at = next((at for at, (until, does) in enumerate(free) if does == kind and until <= begin), len(free))
        free[at : at + 1] = [(max(end, span[1]), kind)]
        if at == len(found):
            found.append([])
        found[at].append(span)
    for (_, kind), times in zip(free, found, strict=True):
        yield calls.call_types[kind], times


def _shift(code: str, since: int, to: int) -> Table:
    return {"name": code, "from": since / TICKS_PER_SECOND, "to": to / TICKS_PER_SECOND}


def _agent(
    name: str, group: str, does: list[str], codes: list[str], day: date, breaks: list[tuple[int, int]]
) -> Table:
    away = [{"at": begin / TICKS_PER_SECOND, "lasts": (end - begin) / TICKS_PER_SECOND} for begin, end in breaks]
    table: Table = {
        "name": name, "group": group, "skills": dict.fromkeys(does, 1), "shifts": {day.isoformat(): codes},
    }  # fmt: skip
    return table | ({"breaks": away} if away else {})


def _apart(breaks: list[tuple[int, int]], since: int, to: int) -> list[tuple[int, int]]:
    """Breaks within a shift that do not overlap: one that would begin in another begins after it, as it would on the day."""
    found = []
    last = since
    for begin, end in sorted(breaks):
        begin, end = max(begin, last), min(end, to)
        if begin < end:
            found.append((begin, end))
            last = end
    return found
