"""Screening: the way of each call type through the IVR, step by step, as arrays that kernels read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.chance.clock import EVERY_DAY
from sim.chance.demand import expected, expected_means
from sim.chance.means import mean
from sim.chance.need import Halves, Split, lower_share, split, talk_of
from sim.chance.philox import name_hash
from sim.chance.scaling import ONE
from sim.chance.spans import overlaps, shares_of
from sim.scenario.callers import CallType
from sim.scenario.deflections import Deflection
from sim.scenario.distributions import Deterministic, Distribution
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.horizon import day_of
from sim.scenario.ivr import Ivr
from sim.scenario.paths import join
from sim.scenario.scenario import Scenario
from sim.scenario.series import Change, Series, ShareSeries
from sim.scenario.units import DAY, NEVER, ticks, value

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

# Screening.chance and Screening.steps
LOWER, UPPER, HANG_UP, AGENT, WRONG, CHANCES = range(6)
LAW, ON, SINCE, UNTIL, VIA, PATIENCE, REDIAL, TAKEN_FOR, STEP_COLUMNS = range(9)
UNSCREENED, AT_ONE_STEP, STEP_BY_STEP = range(3)
BEGINS, ENDS, BUSY, RESTART_COLUMNS = range(4)
_NO_STEP = -1


class Screening(NamedTuple):
    """The IVR by call type. The first step of all is the entrance; the others follow in the order in which they are heard.

    steps : int64, shape (types, steps, STEP_COLUMNS): the row of the law of its time (-1: there are no more steps), the day
        on which it is heard or EVERY_DAY, ticks of its clock from which on and until which, the deflection that it is or -1,
        factors (65536ths) on patience and on the chance to redial, and 1 where who takes a wrong option may be taken for a
        caller of this type
    chance : float64, shape (types, steps, days x intervals, CHANCES): to be contained of the lower and of the upper ranks, to
        hang up, to ask for an agent, and of those who do nothing of it, to take a wrong option
    names : uint64, shape (types, steps), what the key of a caller's step hangs on; 0: his own key
    need : float64, shape (types,), see `need.ranked`
    how : int64, shape (types,): UNSCREENED, AT_ONE_STEP (the entrance, all ranks alike), or STEP_BY_STEP
    restarts : int64, shape (restarts, RESTART_COLUMNS): ticks, and 1 where callers hear a busy tone meanwhile
    any_redial : 1 where a step changes the chance to redial
    """

    steps: Ints
    chance: Floats
    names: Keys
    need: Floats
    how: Ints
    restarts: Ints
    any_redial: int


class Step(NamedTuple):
    """A step on the way of one call type; shares of those who hear it, float64 of shape (days x intervals,)."""

    path: tuple[str, ...]
    name: int
    law: int
    contained: Floats
    easier: float | None
    hang_up: Floats
    agent: Floats
    heard: Floats  # the part of each interval in which it is on
    on: int = EVERY_DAY
    since: int = 0
    until: int = NEVER
    via: int = -1
    patience: int = ONE
    redial: int = ONE
    wrong: float = 0.0
    taken_for: bool = False


def screening_of(scenario: Scenario, laws: int) -> tuple[Screening, list[Distribution]]:
    """The IVR of a scenario, and its laws in order; `laws` is where those will begin.

    Raises ScenarioError where an `easier` cannot be had, naming what can.
    """
    ivr, types = scenario.ivr, scenario.call_types
    ways = [list(_way(scenario, ivr, kind, laws, ("ivr",))) for kind in types]
    longest = max(len(way) for way in ways)
    steps = np.full((len(types), longest, STEP_COLUMNS), _NO_STEP, np.int64)
    chance = np.zeros((len(types), longest, scenario.calendar.days * scenario.calendar.intervals, CHANCES))
    names, need, problems = np.zeros((len(types), longest), np.uint64), np.full(len(types), 0.5), []
    for code, (kind, way) in enumerate(zip(types, ways, strict=True)):
        try:
            need[code] = need_of(scenario, kind)
        except ScenarioError as error:
            problems += error.problems
            continue
        for at, (step, chances) in enumerate(zip(way, split_of(way, halves(kind, need[code], way)), strict=True)):
            steps[code, at] = step.law, step.on, step.since, step.until, step.via, step.patience, step.redial, step.taken_for
            names[code, at] = step.name
            wrong = np.full_like(step.agent, step.wrong)
            chance[code, at] = np.stack([chances.lower, chances.upper, step.hang_up, step.agent, wrong], axis=1)
            problems += _out_of_reach(kind.name, step, chances)
    if problems:
        raise ScenarioError(problems)
    down = sorted(
        (begins := ticks(r.at) + day_of(scenario, r.on) * DAY, begins + ticks(value(r.lasts)), int(r.meanwhile == "busy"))
        for r in ivr.restarts
    )
    found = Screening(
        steps=steps, chance=np.clip(chance, 0.0, 1.0), names=names, need=need,
        how=np.array([_how(way, chance[code]) for code, way in enumerate(ways)], np.int64),
        restarts=np.array(down, np.int64).reshape(len(down), RESTART_COLUMNS),
        any_redial=int((steps[:, :, LAW] >= 0).any() and (steps[..., REDIAL][steps[..., LAW] >= 0] != ONE).any()),
    )  # fmt: skip
    return found, [one.takes for one in ivr.deflections] + [menu.prompt for menu in ivr.menu]


def _way(scenario: Scenario, ivr: Ivr, kind: CallType, laws: int, here: tuple[str, ...]) -> Iterator[Step]:
    """The steps of a call type; those of another IVR than the scenario's have laws that nobody reads."""
    calendar = scenario.calendar
    none, always = np.zeros(calendar.days * calendar.intervals), np.ones(calendar.days * calendar.intervals)

    def shares(given: Series | None, *path: str) -> Floats:
        return none if given is None else shares_of(given, calendar, join((*here, *path)))

    def easier(given: object) -> float | None:
        return None if given is None else value(given)  # type: ignore[arg-type]  # a Number of the scenario

    contained, hang_up = (
        shares(getattr(ivr, key).get(kind.name), key, kind.name) for key in ("containment", "hang_up")
    )
    entrance = 3 * len(scenario.call_types)
    yield Step(
        (*here, "easier"), 0, entrance, np.minimum(contained, 1.0), easier(ivr.easier),
        np.minimum(hang_up, 1.0 - np.minimum(contained, 1.0)), none, always,
    )  # fmt: skip
    if kind.contact != "live":
        return  # nobody hears an IVR
    for code, given in enumerate(ivr.deflections):
        if given.where == "ivr" and given.is_for(kind.name):
            on, since, until = window(scenario, given)
            accepted = value(given.offered) * value(given.accepted)
            yield Step(
                (*here, "deflections", given.name, "easier"), name_hash(f"deflection\0{given.name}", bits=32), laws + code,
                np.full_like(none, accepted), easier(given.easier),
                np.full_like(none, min(value(given.offered) * value(given.hang_up), 1.0 - accepted)), none,
                _heard(scenario, given), on, since, until, code,
                round(value(given.patience) * ONE), round(value(given.redial) * ONE),
            )  # fmt: skip
    places = {menu.name: at for at, menu in enumerate(ivr.menu)}
    strays = any(value(menu.wrong) > 0 for menu in ivr.menu)
    calls = strays and bool(expected(scenario, kind).any())
    for menu in ivr.way(kind.name):
        path = "menu", menu.name
        contained = shares(menu.containment.get(kind.name, ShareSeries()), *path, "containment", kind.name)
        hang_up = np.minimum(shares(menu.hang_up, *path, "hang_up"), 1.0 - contained)
        agent = np.minimum(shares(menu.agent, *path, "agent"), 1.0 - contained - hang_up)
        yield Step(
            (*here, *path, "easier"), name_hash(f"menu\0{menu.name}", bits=32),
            laws + len(ivr.deflections) + places[menu.name], contained, easier(menu.easier), hang_up, agent, always,
            wrong=value(menu.wrong), taken_for=kind.name in menu.options or calls,
        )  # fmt: skip


def window(scenario: Scenario, given: Deflection) -> tuple[int, int, int]:
    """The day on which a deflection is there or EVERY_DAY, and from which tick of its clock on until which."""
    since, until = 0 if given.from_ is None else ticks(given.from_), NEVER if given.to is None else ticks(given.to)
    return EVERY_DAY if given.on is None else day_of(scenario, given.on), since, until


def _heard(scenario: Scenario, given: Deflection) -> Floats:
    """The part of each interval in which a deflection is there: float64, shape (days x intervals,)."""
    day = overlaps(Change(times=1.0, from_=given.from_, to=given.to), scenario.calendar)
    return np.concatenate([day * (given.on in (None, date)) for date in scenario.calendar.dates])


def _how(way: list[Step], chance: Floats) -> int:
    first = chance[0]
    if len(way) > 1 or not np.array_equal(first[:, LOWER], first[:, UPPER]):
        return STEP_BY_STEP
    return AT_ONE_STEP if first.max() > 0.0 else UNSCREENED


# -- ranks of need ------------------------------------------------------------------------------------------------------


def halves(kind: CallType, need: float, way: list[Step]) -> Halves:
    """Mean talk of the callers of lower and of upper rank; where nothing is easier for the one, the mean of all for both.

    Nobody then asks which is which, and the integral takes milliseconds: for every set of uncertain parameters anew.
    """
    if need == 0.5 and all(step.easier is None for step in way):
        return Halves(mean(kind.talk), mean(kind.talk))
    return talk_of(kind.talk, need)


def split_of(way: list[Step], talk: Halves) -> list[Split]:
    """With which chances each step contains the two halves of the ranks."""
    return [chances for chances, _, _ in _walked(way, talk)]


def reaching(way: list[Step], talk: Halves) -> tuple[Floats, Floats]:
    """The shares of all callers who have a lower, and an upper rank, and ask for an agent: float64, shape (days x intervals,)."""
    *_, (_, lower, upper) = _walked(way, talk)
    return lower, upper


def asking(scenario: Scenario) -> tuple[Floats, Floats]:
    """The share of each type's callers who ask for an agent, and their mean talk in seconds: float64, shape (types,
    days x intervals) each. Raises ScenarioError where an `easier` cannot be had.
    """
    shares, talks = [], []
    for kind in scenario.call_types:
        need = need_of(scenario, kind)
        way = list(_way(scenario, scenario.ivr, kind, 0, ("ivr",)))
        both = halves(kind, need, way)
        lower, upper = reaching(way, both)
        share = lower + upper
        talk = (lower * both.lower + upper * both.upper) / np.where(share > 0, share, 1.0)
        shares.append(share)
        talks.append(np.where((need == 0.5) & np.isclose(lower, upper, rtol=1e-12), mean(kind.talk), talk))
    return np.array(shares), np.array(talks)


def _walked(way: list[Step], talk: Halves) -> Iterator[tuple[Split, Floats, Floats]]:
    """The chances at each step, and who of each half has asked for an agent or goes on."""
    come = [np.full(len(way[0].contained), 0.5), np.full(len(way[0].contained), 0.5)]
    asked = [np.zeros(len(way[0].contained)), np.zeros(len(way[0].contained))]
    for step in way:
        room = 1.0 - step.hang_up - step.agent
        chances = split(step.contained, step.easier, come[0], come[1], talk, room)
        for half, contained in enumerate((chances.lower, chances.upper)):
            heard = come[half] * step.heard
            by_agent = heard * step.agent
            wrong = (heard - heard * (contained + step.hang_up) - by_agent) * step.wrong
            asked[half] = asked[half] + by_agent + wrong
            come[half] = come[half] - heard * (contained + step.hang_up) - by_agent - wrong
        yield chances, asked[0] + come[0], asked[1] + come[1]


def need_of(scenario: Scenario, kind: CallType) -> float:
    """The share of lower ranks among those of a type who reached an agent when its talk was measured; see `need`.

    Over the day by the type's expected calls. Raises ScenarioError where no share fits what the IVR of that day says.
    """
    measured = scenario.ivr if scenario.ivr.talk_under is None else scenario.ivr.talk_under
    here = ("ivr",) if scenario.ivr.talk_under is None else ("ivr", "talk_under")
    way = list(_way(scenario, measured, kind, 0, here))
    selective = [step for step in way if step.easier is not None and step.contained.max() > 0.0]
    if not selective or isinstance(kind.talk, Deterministic):
        return 0.5
    weights = expected_means(scenario)[scenario.call_types.index(kind)]
    weights = weights if weights.sum() > 0 else np.ones_like(weights)

    def reached(talk: Halves) -> float:
        lower, upper = (float(half @ weights) for half in reaching(way, talk))
        return lower / (lower + upper) if lower + upper > 0 else 0.5

    found = lower_share(kind.talk, reached)
    if found is not None:
        return found
    chances = split_of(way, talk_of(kind.talk, 0.5))
    problems = [one for step, split_ in zip(way, chances, strict=True) for one in _out_of_reach(kind.name, step, split_)]
    why = f'no talk of all callers of "{kind.name}" is such that its contained leave this talk'
    raise ScenarioError(problems or [Problem(join(selective[0].path), why)])


def _out_of_reach(kind: str, step: Step, chances: Split) -> list[Problem]:
    """The problem where no chances give the step its `easier`."""
    room = 1.0 - step.hang_up - step.agent
    fits = all(np.all((one >= -1e-9) & (one <= room + 1e-9)) for one in (chances.lower, chances.upper))
    some = step.contained > 0
    least = float(chances.least[some].max()) if some.any() else 1.0
    most = float(chances.most[some].min()) if some.any() else 1.0
    out = step.easier is not None and some.any() and not least - 1e-9 <= step.easier <= most + 1e-9
    if step.easier is None or (fits and not out):
        return []
    who = f'those of "{kind}" who are contained ({step.contained[some].max():.0%})'
    message = f"{who} cannot have talks that short or long; from {least:.2f} to {most:.2f} can be had"
    return [Problem(join(step.path), message, found=f"{step.easier:g}")]
