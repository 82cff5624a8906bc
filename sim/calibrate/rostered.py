"""Rostered: the people of a roster in the place of heads, and how many of them come, by who was there on recorded days."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.calibrate.calibration import Calibration
from sim.calibrate.carried import with_rows
from sim.calibrate.there import (
    Compared,
    Planned,
    Spans,
    by_heads,
    by_names,
    heads_on,
    planned_on,
    sessions_on,
    spans_on,
)
from sim.calibrate.trial import stay_after
from sim.calls import NONE
from sim.files.history import History
from sim.files.report import Report
from sim.files.rosters import Staff
from sim.files.sessions import Sessions
from sim.scenario.errors import CallsimError
from sim.scenario.merge import build
from sim.scenario.paths import split
from sim.scenario.roster import individuals
from sim.scenario.scenario import Scenario
from sim.scenario.special_days import WEEKDAYS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
OFF_FOR = 300.0  # seconds that who leaves the phones stays away, as in [attendance] where nothing else is said
_KNOWN = 0.5  # of the roster's agents that the log must name, for them to be compared one by one


@dataclass(frozen=True, eq=False)
class Rostered:
    """A roster beside the record; `compared` is None where the roster has nobody on any of its days.

    how : "names" where agents are compared one by one, "heads" where all heads are; there_by : how it is known who was there
    agents : of the roster; strange : of them, those whom the record does not know; others : those in the record only
    by_others : their share of the answered calls; absent, off : the shares of shifts nobody came to, and of the time of who came
    that they were not on the phones, with their values in each set, shape (sets,)
    """

    source: str
    how: str
    there_by: str
    agents: int
    strange: tuple[str, ...]
    others: tuple[str, ...]
    by_others: float
    compared: Compared | None
    absent: tuple[float, Floats]
    off: tuple[float, Floats]


def with_roster(
    found: Calibration,
    recorded: History | Report,
    staff: Callable[[tuple[str, ...], tuple[str, ...], bool], Staff],
    *,
    sessions: Sessions | None = None,
    own_agents: tuple[str, ...] = (),
    known_as: Callable[[str], str] = str,
    for_day: bool = False,
) -> Calibration:
    """The calibration with the agents, teams and shifts of a roster as its staffing, and the attendance that was measured.

    staff : the roster, given call types, groups and whether the record names groups (`sim.files.rosters.read_staff`)
    sessions : who was logged on; not given: who was there is inferred from who answered when, of a report it is its heads
    known_as : an agent's name in the record, which may have pseudonyms; for_day : the scenario is of a day that was stated

    On the days of the record for which the roster has shifts, planned time on the phones is compared with the time there: of
    agents whom the record knows, one by one: a shift in which nobody was there is `absent`, what is missing of the others'
    time is time `off` the phones; where it knows fewer than half of them, of heads as a whole, whose shortfall is
    `absent`. Each set has the days drawn for it. Raises CallsimError where the roster has nobody on the day of the story.
    """
    scenario = found.scenario
    kinds, groups = tuple(kind.name for kind in scenario.call_types), tuple(group.name for group in scenario.groups)
    names_groups = isinstance(recorded, History) and bool(recorded.groups) and bool((recorded.group != NONE).any())
    people = staff(kinds, groups, names_groups)
    rostered, plans = _placed(found, people, for_day=for_day)
    own = tuple(kind for kind in own_agents if kind in kinds)
    there_by, spans = _there(found, recorded, sessions, own)
    known, strange, others, share = _matched(people, plans, recorded, sessions, known_as)
    one_by_one = spans is not None and len(known) >= _KNOWN * len(people.agents) > 0
    compared = None
    if plans and one_by_one and spans is not None:
        compared = by_names(rostered, plans, spans, known)
    elif plans and there_by:
        compared = by_heads(rostered, plans, lambda day: heads_on(recorded, rostered, day, spans or _nobody))
    drawn = np.zeros((0, len(found.used)), np.int64) if found.drawn is None else found.drawn
    told = missing_shares(compared, found.used, drawn, one_by_one=one_by_one)
    seen = Rostered(
        people.source, "names" if one_by_one else "heads", there_by, len(individuals(rostered)), strange, others, share, compared,
        *told,
    )  # fmt: skip
    return _with_attendance(found, rostered, people, seen)


def _placed(found: Calibration, people: Staff, *, for_day: bool) -> tuple[Scenario, dict[date, Planned]]:
    """The scenario with the people, on a day for which they have shifts; their plans of the record's days for which they have."""
    table: dict[str, Any] = found.scenario.table()
    kinds = [kind["name"] for kind in table["call_types"]]
    before = {group["name"]: group for group in table["groups"]}
    table["groups"] = [
        before.get(name, {"name": name, "skills": [_skills(people, name, kinds)]}) | {"agents": {"per_interval": 0.0}}
        for name in people.groups
    ]
    table |= {"agents": people.agents, "shifts": people.shifts} | ({"teams": people.teams} if people.teams else {})
    table["sources"] = {path: one for path, one in table["sources"].items() if not _replaced(path, people)}
    scenario = build(table)
    plans = {day: plan for day in found.used if (plan := planned_on(scenario, day)).shifts}
    start = scenario.calendar.start
    if planned_on(scenario, start).shifts:
        return scenario, plans
    if for_day or not plans:
        asked = f"on {start}, the day of the story" if for_day else f"on any of the days {found.used[0]} to {found.used[-1]}"
        raise CallsimError(f"{people.source}: nobody of it works {asked}; it has {_range(people)}")
    return build(scenario.table() | {"calendar": scenario.table()["calendar"] | {"start": max(plans)}}), plans


def _skills(people: Staff, group: str, kinds: Sequence[str]) -> list[str]:
    """What somebody of a group can do; who says nothing of skills can do everything."""
    teams = {team["name"]: team.get("group") for team in people.teams}
    mine = [one for one in people.agents if one.get("group", teams.get(one.get("team"))) == group]
    return [kind for kind in kinds if any("skills" not in one or one["skills"].get(kind) for one in mine)]


def _range(people: Staff) -> str:
    """The days that a roster has, in words."""
    days = sorted({day for one in people.agents for day, codes in one.get("shifts", {}).items() if codes})
    dates = [day for day in days if day not in WEEKDAYS]
    if dates:
        return f"{dates[0]} to {dates[-1]}"
    return ", ".join(sorted(days, key=WEEKDAYS.index)) or "no shifts"


def _there(
    found: Calibration, recorded: History | Report, sessions: Sessions | None, own: tuple[str, ...]
) -> tuple[str, Callable[[date], Spans] | None]:
    """How it is known who was there, "" where it is not; of agents by name a function of the day, remembered."""
    kept: dict[date, Spans] = {}

    def of_log(day: date) -> Spans:
        assert isinstance(recorded, History)
        return spans_on(recorded, day, own_agents=own, after=after)

    def remembered(how: Callable[[date], Spans]) -> Callable[[date], Spans]:
        return lambda day: kept[day] if day in kept else kept.setdefault(day, how(day))

    if sessions is not None:
        return f"logged on by {sessions.source}", remembered(lambda day: sessions_on(sessions, day))
    if isinstance(recorded, Report):
        used = np.isin([day.toordinal() for day in recorded.day], [day.toordinal() for day in found.used])
        known = bool(np.isfinite(recorded.heads[used]).any() or np.isfinite(recorded.staffed[used]).any())
        return ("heads of the report" if known else ""), None
    if not bool((recorded.agent != NONE).any()):
        return "", None
    after = stay_after(recorded.where(np.isin(recorded.day, [day.toordinal() for day in found.used])))
    return "inferred from who answered when", remembered(of_log)


def _nobody(day: date) -> Spans:
    del day
    return {}


def _matched(
    people: Staff, plans: Mapping[date, Planned], recorded: History | Report, sessions: Sessions | None,
    known_as: Callable[[str], str],
) -> tuple[dict[str, str], tuple[str, ...], tuple[str, ...], float]:
    """Name in the roster -> in the record; whom the record does not know; who is in the record only, by calls; their share."""
    answered: dict[str, int] = {}
    if isinstance(recorded, History):
        mine = np.isin(recorded.day, [day.toordinal() for day in plans]) & (recorded.answer != NONE) & (recorded.agent != NONE)
        counts = np.bincount(recorded.agent[mine], minlength=len(recorded.agents))
        answered = {name: int(number) for name, number in zip(recorded.agents, counts, strict=True) if number}
    logged = {name for day in plans for name in sessions_on(sessions, day)} if sessions is not None else set()
    there = {*answered, *logged}
    due = {name for plan in plans.values() for name in plan.shifts}
    said = {one["name"]: name if (name := one["name"]) in there else known_as(name) for one in people.agents}
    known = {name: own for name, own in said.items() if own in there and name in due}
    strange = tuple(name for name, own in said.items() if own not in there and name in due) if there else ()
    others = sorted(there - set(said.values()), key=lambda name: (-answered.get(name, 0), name))
    share = sum(answered.get(name, 0) for name in others) / max(sum(answered.values()), 1)
    return known, strange, tuple(others), share


def missing_shares(
    compared: Compared | None, used: Sequence[date], drawn: Ints, *, one_by_one: bool
) -> tuple[tuple[float, Floats], tuple[float, Floats]]:
    """The shares absent and off, each as measured and in each set, shape (sets,): ratios of sums over the days compared.

    used : the days of which sets are drawn; drawn : how often each set has each of them, int64, shape (sets, used days). A set
    that has none of the days compared has the shares as measured.
    """
    if compared is None:
        return (0.0, np.zeros(len(drawn))), (0.0, np.zeros(len(drawn)))
    mine = [list(used).index(day) for day in compared.days]
    once = np.ones((1, len(mine)), np.int64)
    of_set = np.where(drawn[:, mine].any(axis=1, keepdims=True), drawn[:, mine], once)  # none of them drawn: as measured
    weights = np.concatenate([once, of_set])

    def missing(there: Floats, planned: Floats) -> tuple[float, Floats]:
        share = 1.0 - weights @ there / np.maximum(weights @ planned, 1e-12)
        held = np.clip(share, 0.0, 0.99)
        return round(float(held[0]), 4), np.round(held[1:], 4)

    there = compared.there.mean(axis=1)
    if not one_by_one:
        return missing(there, compared.planned.mean(axis=1)), (0.0, np.zeros(len(drawn)))
    shifts = compared.shifts.astype(np.float64)
    return missing(shifts - compared.absent, shifts), missing(there, compared.planned_of_present)


def _with_attendance(found: Calibration, rostered: Scenario, people: Staff, seen: Rostered) -> Calibration:
    table: dict[str, Any] = rostered.table()
    attendance = {key: value for key, value in (("absent", seen.absent[0]), ("off", _times(seen.off[0]))) if value}
    if attendance:
        table["attendance"] = attendance
    sources = table["sources"]
    for path in ("agents", "shifts", "teams") if people.teams else ("agents", "shifts"):
        sources[path] = {"status": "given", "note": f"roster {people.source}"}
    for group in people.groups:
        sources[f"groups.{group}.agents"] = {"status": "given", "note": f"nobody beside the roster {people.source}"}
        note = "of its people" if group not in {one.name for one in found.scenario.groups} else "of the log"
        sources[f"groups.{group}.skills"] = {"status": "assumed", "note": f"{note}, all in one rank: the longest waiting first"}
    sources["attendance"] = _source(seen)
    rows: Mapping[str, list[Any]] = {}
    if seen.compared is not None and len(seen.absent[1]):
        rows = {"attendance.absent": seen.absent[1].tolist(), "attendance.off": [_times(one) for one in seen.off[1].tolist()]}
    changed = replace(found, scenario=build(table), rostered=seen, notes=(*found.notes, *people.notes))
    if not seen.there_by.startswith("inferred"):
        changed = replace(changed, trials={})
    days = 0 if seen.compared is None else len(seen.compared.days)
    return with_rows(changed, rows, without=[path for path in _paths(found) if _replaced(path, people)], days=days)


def _paths(found: Calibration) -> tuple[str, ...]:
    return () if found.parameters is None else found.parameters.parameters.paths


def _replaced(path: str, people: Staff) -> bool:
    """Whether a path is about counted heads, or a group that the roster does not have; how fast a group is stays."""
    parts = split(path)
    return parts[0] == "groups" and (parts[2] in ("agents", "skills") or parts[1] not in people.groups)


def share_of(times: float) -> float:
    """The share of the time that is away who leaves the phones so often an hour: the inverse of what `[attendance]` is given."""
    gone = times * OFF_FOR / 3600.0
    return gone / (1.0 + gone)


def _times(share: float) -> float:
    """How often an hour on the phones who leaves them for OFF_FOR is away for that share of the time: r m / (1 + r m)."""
    return round(share / (1.0 - share) * 3600.0 / OFF_FOR, 4)


def _source(seen: Rostered) -> dict[str, str]:
    if seen.compared is None:
        return {"status": "assumed", "note": "not known who was there on days that the roster has: everybody comes"}
    days = f"{len(seen.compared.days)} days"
    if seen.how == "names":
        note = f"planned by {seen.source} beside who was there ({seen.there_by}), {days}; away for 5 minutes at a time: assumed"
        return {"status": "measured", "note": note}
    note = f"heads planned by {seen.source} beside heads there ({seen.there_by}), {days}; all that is missing taken as absence"
    return {"status": "measured", "note": note}
