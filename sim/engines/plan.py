"""Plan: a Scenario as integer arrays, the same for every engine and for every replication."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sim.calls import Frame, Prices
from sim.chance.laws import ScenarioLaws, label_space, scenario_laws
from sim.chance.philox import name_hash
from sim.chance.remember import remembered
from sim.chance.tape import Tape
from sim.engines.events import MOST_AGENTS
from sim.engines.pools import contacts_of, pools_of, seats_of
from sim.engines.routes import IDLE_BY, Route, Routes, classes_of, routes_of
from sim.engines.staffing import Border, Staffing, borders, overtime, paid_per_phone, staffing
from sim.scenario.costs import Costs
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.horizon import open_intervals
from sim.scenario.range import Range
from sim.scenario.routing import RANDOM
from sim.scenario.scenario import Scenario
from sim.scenario.units import ticks, value
from sim.scenario.waiting import Callback

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Plan:
    """What the engines need to know of a scenario.

    A *class* is a call type together with the labels that change how it is routed; each class has its own queue.

    first_class : int64 (types,): the class of a type without labels; strides : int64 (types, families): what a label
        code adds to it, times (code + 1); 0 where the family does not matter
    class_type : int64 (classes,)
    routes : where calls of a class look for agents, and agents of a pool for calls
    idle_by : who is first among the idle (decisions.idle_key); places : uint64, what that hangs on where chance decides, by agent
    blend : int64 (groups, 2): from how many idle agents on a group does work beside calls, and until how many; empty: no group
    staffing : heads per group over time; borders : of the doors and the days
    agent_at : int64 (pools + 1,): the numbers of a pool's agents begin here. The first pools are the groups' anonymous heads, in
        their order; people : how many agents are on the roster, the last ones
    seat_pool, seat_group : int64 (seats,), whose a seat is; the first are those of the pools, with nothing in hand; seats_at :
        int64 (pools,), where the others of a pool begin; contacts : what each group handles at a time, see `sim.engines.pools`
    trunks : lines, or -1 for as many as needed
    ports : of the IVR, or -1 for as many as needed; past_full : whether who finds them taken goes to the agents at once
    """

    frame: Frame
    laws: ScenarioLaws
    first_class: Ints
    strides: Ints
    class_type: Ints
    routes: Routes
    idle_by: int
    blend: Ints
    places: Keys
    staffing: Staffing
    borders: tuple[Border, ...]
    agent_at: Ints
    seat_pool: Ints
    seat_group: Ints
    seats_at: Ints
    contacts: Ints
    people: int
    trunks: int
    ports: int
    past_full: bool

    def frame_of(self, tape: Tape) -> Frame:
        """The frame of one replication, with the overtime of who stays on."""
        stays = tape.presence.overtime
        return replace(self.frame, overtime=self.frame.overtime + stays) if len(stays) else self.frame

    def classes(self, call_type: Ints, label: Ints) -> Ints:
        """The class of each call: call_type int64 (calls,), label int64 (calls, families) -> int64 (calls,)."""
        steps: Ints = ((label + 1) * self.strides[call_type]).sum(axis=1)
        return self.first_class[call_type] + steps


def frame(scenario: Scenario, agents: tuple[str, ...] | None = None) -> Frame:
    """What the codes and ticks of the scenario's Days mean; `agents` : the names on the roster, for who knows them."""
    calendar = scenario.calendar
    return Frame(
        start=calendar.start,
        days=calendar.days,
        agents=pools_of(scenario)[1] if agents is None else agents,
        rostered=tuple(group.name for group in scenario.groups if scenario.has_roster(group.name)),
        doors=tuple(open_intervals(scenario, day) for day in range(calendar.days)) if scenario.special_days else (),
        opens=ticks(calendar.opens),
        closes=ticks(calendar.closes),
        interval=ticks(calendar.interval),
        intervals=calendar.intervals,
        horizon=borders(scenario)[-1].time,
        call_types=tuple(kind.name for kind in scenario.call_types),
        groups=tuple(group.name for group in scenario.groups),
        labels=label_space(scenario),
        deflections=tuple(one.name for one in scenario.ivr.deflections),
        offers=tuple(one.name for kind in scenario.call_types for one in kind.offers),
        offer_values=tuple(thousandths(one.value) for kind in scenario.call_types for one in kind.offers),
        junk=tuple(kind.name for kind in scenario.call_types if kind.junk),
        work=tuple(kind.name for kind in scenario.call_types if kind.contact == "work"),
        outbound=tuple(kind.name for kind in scenario.call_types if kind.contact == "outbound"),
        back_office=scenario.back_office,
        promised=tuple(ticks(value((kind.callback or Callback(accepted=0.0)).within)) for kind in scenario.call_types),
        paid_per_phone=tuple(round(65_536 * paid_per_phone(group.agents)) for group in scenario.groups),
        overtime=overtime(scenario),
        prices=prices(scenario.costs, tuple(group.name for group in scenario.groups)),
    )


def thousandths(amount: float | Range) -> int:
    """A sum of money as a whole number."""
    return round(1000 * value(amount))


def prices(costs: Costs, groups: tuple[str, ...]) -> Prices:
    """Money in integer thousandths; no wages at all leave `wage` empty."""
    known = costs.wage is not None or bool(costs.wages)
    wages = tuple(thousandths(costs.wages.get(name, costs.wage or 0.0)) for name in groups)
    return Prices(
        currency=costs.currency,
        wage=wages if known else None,
        overtime_factor=thousandths(costs.overtime_factor),
        line_minute=thousandths(costs.line_minute),
        contained=thousandths(costs.contained),
        lost_call=thousandths(costs.lost_call),
    )


@remembered
def plan(scenario: Scenario) -> Plan:
    """The plan of a scenario without open ranges; raises ValueError naming a range that is still open, and
    ScenarioError for more than MOST_AGENTS agents.
    """
    families = list(label_space(scenario))
    classes: list[Route] = []
    first_class, strides = [], []
    for code in range(len(scenario.call_types)):
        first_class.append(len(classes))
        of_type, steps = classes_of(scenario, code, families)
        classes.extend(of_type)
        strides.append(steps)
    pools, names = pools_of(scenario)
    seats, seats_at = seats_of(scenario, pools)
    steps_ = staffing(scenario)
    most = np.array([0, *(max(pool.people, 0) for pool in pools)], np.int64)
    np.maximum.at(most, steps_.group + 1, steps_.heads)
    if most.sum() > MOST_AGENTS:
        raise ScenarioError([Problem("groups", f"at most {MOST_AGENTS} agents in all", found=str(most.sum()))])
    return Plan(
        frame=frame(scenario, names),
        laws=scenario_laws(scenario),
        first_class=np.array(first_class, np.int64),
        strides=np.array(strides, np.int64).reshape(len(first_class), len(families)),
        class_type=np.array([entry.call_type for entry in classes], np.int64),
        routes=routes_of(scenario, classes, pools, seats),
        idle_by=IDLE_BY[scenario.routing.agent[-1]],
        blend=_blends(scenario),
        places=_place_keys(scenario, most, names),
        staffing=steps_,
        borders=borders(scenario),
        agent_at=np.cumsum(most, dtype=np.int64),
        seat_pool=np.array([seat.pool for seat in seats], np.int64),
        seat_group=np.array([pools[seat.pool].group for seat in seats], np.int64),
        seats_at=seats_at,
        contacts=contacts_of(scenario),
        people=len(names),
        trunks=-1 if scenario.lines.trunks is None else scenario.lines.trunks,
        ports=-1 if scenario.ivr.ports is None else scenario.ivr.ports,
        past_full=scenario.ivr.full == "agents",
    )


def _blends(scenario: Scenario) -> Ints:
    if all(group.blend is None for group in scenario.groups):
        return np.zeros((0, 2), np.int64)
    given = [(0, -1) if group.blend is None else (group.blend.start, group.blend.stop) for group in scenario.groups]
    return np.array(given, np.int64)


def _place_keys(scenario: Scenario, heads: Ints, names: tuple[str, ...]) -> Keys:
    """What an agent's place among the idle hangs on, where chance decides: his name; heads that are counted have a number."""
    if scenario.routing.agent[-1] != RANDOM:
        return np.zeros(0, np.uint64)
    counted = [f"{group.name}\0{i}" for code, group in enumerate(scenario.groups) for i in range(heads[code + 1])]
    return np.array([name_hash(f"place\0{name}") for name in (*counted, *names)], np.uint64)
