"""Random small call centers for Hypothesis: tiny integer times, so that ties are everywhere."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from hypothesis import reject
from hypothesis import strategies as st

from sim.calls import NONE
from sim.chance.presence import presence
from sim.chance.talks import talk_factors
from sim.chance.tape import Fate, Tape, tape_of
from sim.scenario.calendar import Calendar
from sim.scenario.callers import ByLabel, CallType
from sim.scenario.costs import Costs
from sim.scenario.deflections import Deflection
from sim.scenario.demand import Arrivals
from sim.scenario.distributions import Deterministic, Never
from sim.scenario.errors import ScenarioError
from sim.scenario.floor import Agents, DayAgents, Group
from sim.scenario.ivr import Ivr, Menu, Restart
from sim.scenario.reactions import Reaction
from sim.scenario.scenario import Lines, Scenario
from sim.scenario.series import Change
from sim.scenario.special_days import SpecialDay
from sim.scenario.units import NEVER, ticks
from tests.caller_strategies import (
    DAY,
    TICK,
    contact_list,
    lasting,
    law,
    offers,
    reactions,
    tickets,
    ticks_of,
    transfers,
    waiting,
)
from tests.concurrency_strategies import at_once
from tests.handling_strategies import of_a_type, of_the_floor
from tests.people_strategies import rosters
from tests.routing_strategies import routing

INTERVALS, LENGTH = 5, 8  # a day of 40 ticks from tick 4 on


@st.composite
def calendars(draw: st.DrawFn, *, lossless: bool = False) -> Calendar:
    """Mostly one short day, else up to three of them, or two days without a night between them."""
    start, after = date(2026, 3, 12), "finish" if lossless else draw(st.sampled_from(["finish", "drop"]))
    days = draw(st.sampled_from([1, 1, 1, 2, 3]))
    if days > 1 and draw(st.integers(0, 3)) == 0:
        return Calendar(start=start, days=2, opens=0.0, closes=DAY * 1.0, interval=DAY / INTERVALS, after_closing=after)
    opens, closes = 4 * TICK, (4 + INTERVALS * LENGTH) * TICK
    return Calendar(start=start, days=days, opens=opens, closes=closes, interval=LENGTH * TICK, after_closing=after)


@st.composite
def _special(draw: st.DrawFn, calendar: Calendar, groups: list[str]) -> tuple[SpecialDay, ...]:
    """Shorter days, a day off, other heads."""
    found = []
    for i in range(draw(st.integers(0, 2)) if calendar.days > 1 else 0):
        first = draw(st.integers(0, INTERVALS - 1))
        last = draw(st.integers(first + 1, INTERVALS))
        heads = DayAgents(per_interval=draw(_heads), changes=draw(st.sampled_from([(), (Change(plus=1.0),)])))
        agents = {name: draw(st.sampled_from([heads, DayAgents(changes=(Change(times=2.0),))])) for name in groups[:1]}
        found.append(
            SpecialDay(
                name=f"special {i}", on=(draw(st.sampled_from(calendar.dates)),), agents=agents,
                opens=draw(st.sampled_from([None, calendar.starts()[first]])),
                closes=draw(st.sampled_from([None, calendar.opens + last * calendar.interval])),
                closed=draw(st.sampled_from([None, None, False, True])),
            )
        )  # fmt: skip
    return tuple(found)


_heads = st.lists(st.sampled_from([0.0, 1.0, 1.5, 2.0, 2.25, 3.0]), min_size=INTERVALS, max_size=INTERVALS).map(tuple)


@st.composite
def scenarios(draw: st.DrawFn, *, lossless: bool = False, chats: bool = False) -> Scenario:
    """A scenario of up to three call types and three groups; `lossless` without balking, lines, IVR and dropping; `chats` with
    some wherever somebody waits.
    """
    calendar = draw(calendars(lossless=lossless))
    types = [f"type {i}" for i in range(draw(st.integers(1, 3)))]
    groups = [f"group {i}" for i in range(draw(st.integers(1, 3)))]
    skills = {name: draw(st.lists(st.sampled_from(types), min_size=1, unique=True)) for name in groups}
    kinds, reacting = [], not lossless and draw(st.booleans())  # half of them with calls that need not be kept
    work = draw(st.lists(st.sampled_from(types[1:]), unique=True)) if reacting and len(types) > 1 else []
    lists = draw(st.lists(st.sampled_from(types[1:]), unique=True)) if not lossless and len(types) > 1 else []
    work = [name for name in work if name not in lists]
    live = [name for name in types if name not in work and name not in lists]
    chatting = not lossless and bool(live) and (chats or draw(st.integers(0, 2)) == 0)
    written = draw(st.lists(st.sampled_from(live), unique=True, min_size=1)) if chatting else []
    calling = [name for name in live if name not in written]
    told = not lossless and draw(st.booleans())  # in the others hanging up need not be noticed
    handing = not lossless and draw(st.booleans())  # in the others calls have one leg
    selling = not lossless and draw(st.integers(0, 2)) == 0
    composed = not lossless and draw(st.integers(0, 1 if handing else 2)) == 0  # in the others handle times are as drawn
    systems = [f"system {i}" for i in range(draw(st.integers(0, 2)))] if composed else []
    for name in types:
        able = [group for group in groups if name in skills[group]]
        order = draw(st.none() | st.permutations(able)) if able else None
        labels, by_label = {}, {}
        if draw(st.booleans()):
            labels = {"segment": {"golden": 0.5, "ordinary": 0.5}}
            lasts = draw(law(2) if handing else st.none() | law(6)) if name in live else None
            golden = st.builds(ByLabel, priority=st.none() | st.integers(0, 2), patience=st.just(lasts))
            by_label = {"segment": {"golden": draw(golden)}}
        callers = draw(reactions([*live, *work], able)) if reacting else {}
        if told and name in live:
            callers |= {key: given for key, given in draw(waiting()).items() if key != "callback" or name not in written}
        if handing and name in live:
            callers["transfers"] = draw(transfers(live, groups, bool(labels), "callback" in callers and name))
        if selling and name not in work:
            callers["offers"] = draw(offers(groups, bool(labels)))
        if composed:
            callers |= draw(of_a_type(systems))
        if not lossless and draw(st.integers(0, 2)) == 0:
            callers |= draw(lasting(calendar, INTERVALS))
        if reacting and work:
            callers["tickets"] = draw(tickets(work, groups))
        if name in written:
            callers |= {"contact": "chat"}
        if name in work:
            callers |= {"contact": "work", "patience": Never(), "balking": 0.0, "recognized": 0.0}
        if name in lists:
            quiet = {"contact": "outbound", "patience": Never(), "balking": 0.0, "recognized": 0.0, "tickets": ()}
            callers |= quiet | {"outbound": draw(contact_list(calendar))}
        kinds.append(
            CallType(
                name=name,
                arrivals=Arrivals(per_interval=0.0),
                talk=Deterministic(value=4 * TICK),
                **callers,
                priority=draw(st.integers(0, 2)),
                groups=order,
                head_start=draw(st.integers(0, 5)) * TICK,
                labels=labels,
                by_label=by_label,
            )
        )
    floor = [Group(name=name, skills=_ranked(draw, skills[name]), agents=Agents(per_interval=draw(_heads))) for name in groups]
    if composed:
        fast = st.sampled_from([None, None, 0.5, 1.5, {types[0]: 2.0}])
        floor = [group.replace(proficiency=draw(fast)) for group in floor]
    if chatting:
        floor = [draw(at_once(group, kinds)) for group in floor]
    parts = {"call_types": tuple(kinds), "groups": tuple(floor)}
    return _possible(
        name="random",
        calendar=calendar,
        special_days=draw(_special(calendar, groups)),
        **parts | ({} if lossless else draw(routing(kinds, floor))),
        **({} if lossless else draw(rosters(groups, skills, composed))),
        **(draw(of_the_floor(systems, types)) if composed else {}),
        lines=Lines(trunks=None if lossless else draw(st.none() | st.integers(0, 5))),
        # of later calls: fresh ones have it on the hand-made tape
        ivr=Ivr() if lossless or not calling else draw(_ivr(calendar, calling, told, handing)),
        costs=Costs(wage=30.0, line_minute=0.05, lost_call=2.0),
    )


def _possible(**parts: Any) -> Scenario:
    """The scenario, where its special days leave hours for what happens in them."""
    try:
        return Scenario(**parts)
    except ScenarioError as error:
        assert all(any(words in one.message for words in _NO_HOURS) for one in error.problems), error
        reject()


_NO_HOURS = (
    "overlap on", "leave no hour", "closed on every day", "closed on that day", "must lie within the day", "hours of every day",
    "could stay",
)  # fmt: skip


@st.composite
def _ivr(draw: st.DrawFn, calendar: Calendar, types: list[str], told: bool, handing: bool) -> Ivr:
    """An entrance, menus one after the other, deflections before them and in the queue, ports, and a time when it is down."""
    first = Ivr(delay=ticks_of(draw, 3), containment=_shares(draw, types, 0.5), hang_up=_shares(draw, types, 0.3))
    menus = [f"menu {i}" for i in range(draw(st.integers(0, 3)))]
    leads = [dict.fromkeys(draw(st.lists(st.sampled_from(types), unique=True)), name) for name in menus[1:]]
    return first.replace(
        menu=tuple(
            Menu(
                name=name, prompt=ticks_of(draw, 2), containment=_shares(draw, types, 0.4), options=options,
                hang_up=draw(st.sampled_from([0.0, 0.2])), agent=draw(st.sampled_from([0.0, 0.3])),
                wrong=draw(st.sampled_from([0.0, 0.5])) if handing else 0.0,
            )
            for name, options in zip(menus, [*leads, {}], strict=False)
        ),
        deflections=tuple(draw(_deflections(calendar, types, told, f"deflection {i}")) for i in range(draw(st.integers(0, 3)))),
        misrouted=ticks_of(draw, 4), ports=draw(st.sampled_from([None, None, None, None, 0, 1, 3])),
        full=draw(st.sampled_from(["busy", "agents"])),
        restarts=() if draw(st.booleans()) else (Restart(
            name="down", on=calendar.start, at=draw(st.integers(4, 30)) * TICK, lasts=draw(st.integers(0, 10)) * TICK,
            meanwhile=draw(st.sampled_from(["busy", "agents"])),
        ),),
    )  # fmt: skip


@st.composite
def _deflections(draw: st.DrawFn, calendar: Calendar, types: list[str], told: bool, name: str) -> Deflection:
    queue = told and draw(st.booleans())
    heard = {} if queue else {
        "takes": ticks_of(draw, 2), "hang_up": draw(st.sampled_from([0.0, 0.2])),
        "patience": draw(st.sampled_from([1.0, 0.5, 2.0])), "redial": draw(st.sampled_from([1.0, 0.5])),
    }  # fmt: skip
    if queue:
        heard = {"wait": draw(st.sampled_from([0, 2])) * TICK, "queue": draw(st.integers(0, 1))}
    again = Reaction(
        chance=draw(st.sampled_from([0.0, 0.7])), later=draw(st.sampled_from([None, 0.2])), after=ticks_of(draw, 5),
        most=draw(st.sampled_from([None, 1])), **{"as": draw(st.none() | st.sampled_from(types))},
    )  # fmt: skip
    return Deflection(
        name=name, where="queue" if queue else "ivr", call_types=draw(st.none() | st.just(types[:1])),
        accepted=draw(st.sampled_from([0.4, 0.8])), solved=draw(st.sampled_from([1.0, 0.3])),
        again=draw(st.sampled_from([None, again])), on=draw(st.sampled_from([None, calendar.dates[-1]])),
        **{"from": draw(st.none() | st.just(16 * TICK)), "to": None}, **heard,
    )  # fmt: skip


def _shares(draw: st.DrawFn, types: list[str], most: float) -> dict[str, float]:
    return {name: draw(st.sampled_from([0.0, most])) for name in types}


def _ranked(draw: st.DrawFn, skills: list[str]) -> tuple[str | tuple[str, ...], ...]:
    if len(skills) > 1 and draw(st.booleans()):
        return (tuple(skills[:2]), *skills[2:])
    return tuple(skills)


@st.composite
def tapes(draw: st.DrawFn, scenario: Scenario, *, lossless: bool = False, most: int = 25) -> Tape:
    """A hand-made tape of up to `most` calls for the scenario, and its agents' presence drawn."""
    seed = draw(st.integers(0, 5))
    count = draw(st.integers(0, most))

    def column(values: st.SearchStrategy[int]) -> np.ndarray:
        return np.array(draw(st.lists(values, min_size=count, max_size=count)), np.int64)

    last, calendar = 4 + INTERVALS * LENGTH + 3, scenario.calendar
    day = ticks(DAY) * column(st.integers(0, calendar.days - 1))
    within = column(st.integers(2, last) if calendar.closes < DAY else st.integers(-last // 2, last))
    arrival = np.sort(np.maximum(day + within, 0))
    kinds = column(st.integers(0, len(scenario.call_types) - 1))
    labeled = any(kind.labels for kind in scenario.call_types)
    label = column(st.integers(0, 1)).reshape(count, 1) if labeled else np.zeros((count, 0), np.int64)
    if labeled:
        has = np.array([bool(kind.labels) for kind in scenario.call_types])
        label[~has[kinds]] = NONE
    zero = np.zeros(count, np.int64)
    fate = zero if lossless else column(st.sampled_from([0, 0, 0, 0, 0, 0, 1, 1, 2, 3]))
    offered = [code for code, one in enumerate(scenario.ivr.deflections) if one.where == "ivr"]
    via = np.where(fate == Fate.CONTAINED, column(st.sampled_from([NONE, *offered])), NONE)
    if any(menu.wrong > 0 for menu in scenario.ivr.menu):
        live = [code for code, kind in enumerate(scenario.call_types) if kind.contact == "live"]
        taken_for = column(st.sampled_from([NONE, NONE, NONE, *live]))
        via = np.where(fate == Fate.QUEUE, taken_for, via)
    return tape_of(
        seed=seed,
        replication=0,
        presence=presence(scenario, seed=seed, replication=0), talks=talk_factors(scenario, seed=seed, replication=0),
        number=np.arange(count, dtype=np.int64),
        key=np.arange(1, count + 1, dtype=np.uint64),
        stream=kinds,
        call_type=kinds,
        label=label,
        surge=zero - 1,
        arrival=arrival,
        ivr=zero if lossless else column(st.sampled_from([0, 0, 1, 4])),
        fate=fate,
        via=via,
        balks=zero if lossless else column(st.sampled_from([0, 0, 0, 1])),
        talk=column(st.integers(0, 12)),
        wrap=column(st.sampled_from([0, 0, 1, 5])),
        patience=zero + NEVER if lossless else column(st.sampled_from([0, 1, 3, 8, 20, NEVER])),
        waited=zero,
    )


@st.composite
def cases(draw: st.DrawFn, *, lossless: bool = False, chats: bool = False) -> tuple[Scenario, Tape]:
    """A scenario with a tape."""
    scenario = draw(scenarios(lossless=lossless, chats=chats))
    return scenario, draw(tapes(scenario, lossless=lossless))


# what stands in the cells of tables that people keep
table_cells = st.one_of(
    st.sampled_from(["", "-", "2026-03-02", "02.03.2026", "03/04/2026", "08:00", "24:00", "4:30", "1.234,5", "9999-12-31",
                     "1e999", "Total", "answered", "9" * 400, "1800", "2026-10-25 02:30:00", "ENTERQUEUE", "CONNECT"]),
    st.integers(-3, 40).map(str), st.text(max_size=5),
)  # fmt: skip
