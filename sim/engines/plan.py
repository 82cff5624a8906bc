"""Plan: a Scenario as integer arrays, the same for every engine and for every replication."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from sim.calls import Frame, Prices
from sim.chance.laws import ScenarioLaws, label_space, scenario_laws
from sim.chance.remember import remembered
from sim.engines.events import MOST_AGENTS
from sim.engines.pools import Pool, pools_of
from sim.engines.staffing import Border, Staffing, borders, overtime, paid_per_phone, staffing
from sim.scenario.callers import ByLabel, CallType
from sim.scenario.costs import Costs
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.horizon import open_intervals
from sim.scenario.range import Range
from sim.scenario.scenario import Scenario
from sim.scenario.units import ticks, value
from sim.scenario.waiting import Callback

Ints = npt.NDArray[np.int64]



@dataclass(frozen=True, eq=False)
class Plan:
    """What the engines need to know of a scenario.

    A *class* is a call type together with the labels that change how it is routed; each class has its own queue.

    first_class : int64 (types,): the class of a type without labels; strides : int64 (types, families): what a label
        code adds to it, times (code + 1); 0 where the family does not matter
    class_type, head_start : int64 (classes,); head start in ticks
    look, look_level, look_at : pools in the order an arriving call of a class looks, ``look[look_at[c]:look_at[c + 1]]``, with
        their level (decisions.pick_pool)
    scan, level, scan_at : queues in the order a freed agent of a pool looks, with their level (decisions.pick_queue)
    staffing : heads per group over time; borders : of the doors and the days
    agent_at : int64 (pools + 1,): the numbers of a pool's agents begin here; pool_group : int64 (pools,), whose it is. The
        first pools are the groups' anonymous heads, in their order; people : how many agents are on the roster, the last ones
    trunks : lines, or -1 for as many as needed
    ports : of the IVR, or -1 for as many as needed; past_full : whether who finds them taken goes to the agents at once
    """

    frame: Frame
    laws: ScenarioLaws
    first_class: Ints
    strides: Ints
    class_type: Ints
    head_start: Ints
    look: Ints
    look_level: Ints
    look_at: Ints
    scan: Ints
    level: Ints
    scan_at: Ints
    staffing: Staffing
    borders: tuple[Border, ...]
    agent_at: Ints
    pool_group: Ints
    people: int
    trunks: int
    ports: int
    past_full: bool

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


@dataclass(frozen=True)
class _Class:
    call_type: int
    priority: int
    head_start: int
    groups: tuple[int, ...]


def _class(scenario: Scenario, code: int, overrides: list[ByLabel]) -> _Class:
    kind = scenario.call_types[code]

    def chosen(part: str) -> object:
        given = [getattr(override, part) for override in overrides if getattr(override, part) is not None]
        return given[0] if given else getattr(kind, part)

    able = [g for g, group in enumerate(scenario.groups) if kind.name in group.ranks()]
    names: tuple[str, ...] | None = chosen("groups")  # type: ignore[assignment]  # a field of CallType and ByLabel
    by_name = {group.name: g for g, group in enumerate(scenario.groups)}
    groups = able if names is None else [by_name[name] for name in names if by_name[name] in able]
    return _Class(
        call_type=code,
        priority=int(chosen("priority")),  # type: ignore[call-overload]
        head_start=ticks(value(chosen("head_start"))),  # type: ignore[arg-type]
        groups=tuple(groups),
    )


def _classes_of(
    scenario: Scenario, code: int, kind: CallType, families: list[tuple[str, tuple[str, ...]]]
) -> tuple[list[_Class], list[int]]:
    """All classes of a type in code order, and the stride of each family."""
    matter = [(family, values) for family, values in families if kind.by_label.get(family)]
    strides, stride = {}, 1
    for family, values in reversed(matter):
        strides[family] = stride
        stride *= len(values) + 1
    combinations = product(*[(None, *values) for _, values in matter])
    classes = []
    for combination in combinations:
        overrides = [
            kind.by_label[family][label]
            for (family, _), label in zip(matter, combination, strict=True)
            if label is not None and label in kind.by_label[family]
        ]
        classes.append(_class(scenario, code, overrides))
    return classes, [strides.get(family, 0) for family, _ in families]


@remembered
def plan(scenario: Scenario) -> Plan:
    """The plan of a scenario without open ranges; raises ValueError naming a range that is still open, and
    ScenarioError for more than MOST_AGENTS agents.
    """
    families = list(label_space(scenario))
    classes: list[_Class] = []
    first_class, strides = [], []
    for code, kind in enumerate(scenario.call_types):
        first_class.append(len(classes))
        of_type, steps = _classes_of(scenario, code, kind, families)
        classes.extend(of_type)
        strides.append(steps)
    pools, names = pools_of(scenario)
    looks = [_look(scenario, entry, pools) for entry in classes]
    scan, level, scan_at = _scans(scenario, classes, pools)
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
        head_start=np.array([entry.head_start for entry in classes], np.int64),
        look=np.array([pool for look in looks for pool, _ in look], np.int64),
        look_level=np.array([place for look in looks for _, place in look], np.int64),
        look_at=np.cumsum([0, *(len(look) for look in looks)], dtype=np.int64),
        scan=scan,
        level=level,
        scan_at=scan_at,
        staffing=steps_,
        borders=borders(scenario),
        agent_at=np.cumsum(most, dtype=np.int64),
        pool_group=np.array([pool.group for pool in pools], np.int64),
        people=len(names),
        trunks=-1 if scenario.lines.trunks is None else scenario.lines.trunks,
        ports=-1 if scenario.ivr.ports is None else scenario.ivr.ports,
        past_full=scenario.ivr.full == "agents",
    )


def _look(scenario: Scenario, entry: _Class, pools: list[Pool]) -> list[tuple[int, int]]:
    """The pools in which calls of a class look, in the order of its groups, with the place of the group."""
    kind = scenario.call_types[entry.call_type].name
    return [
        (number, place)
        for place, group in enumerate(entry.groups)
        for number, pool in enumerate(pools)
        if pool.group == group and kind in pool.levels
    ]


def _scans(scenario: Scenario, classes: list[_Class], pools: list[Pool]) -> tuple[Ints, Ints, Ints]:
    """Per pool its queues sorted by (priority, skill rank), with the rank of that pair as level."""
    scan: list[int] = []
    level: list[int] = []
    scan_at = [0]
    for pool in pools:
        ranks = scenario.groups[pool.group].ranks()
        rows = sorted(
            (entry.priority, ranks[kind], queue)
            for queue, entry in enumerate(classes)
            if pool.group in entry.groups and (kind := scenario.call_types[entry.call_type].name) in pool.levels
        )
        pairs = sorted({(priority, rank) for priority, rank, _ in rows})
        scan.extend(queue for _, _, queue in rows)
        level.extend(pairs.index((priority, rank)) for priority, rank, _ in rows)
        scan_at.append(len(scan))
    return np.array(scan, np.int64), np.array(level, np.int64), np.array(scan_at, np.int64)
