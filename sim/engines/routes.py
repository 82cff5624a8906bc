"""Routes: the rules of routing as rows that decisions read: where calls look for agents, and agents for calls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.engines.decisions import BY_CHANCE, BY_HANDLED, BY_IDLE, NOBODY, ROW_COLUMNS
from sim.engines.own_rules import NO_RULE, rules_of
from sim.engines.pools import Pool, Seat
from sim.scenario.callers import ByLabel, CallType
from sim.scenario.routing import (
    AGEING,
    LEAST_OCCUPIED,
    LONGEST_IDLE,
    LONGEST_QUEUE,
    MOST_SKILLED,
    PRIORITY,
    RANDOM,
    RANKED,
    WEIGHTED_WAIT,
    Overflow,
    Rise,
)
from sim.scenario.scenario import Scenario
from sim.scenario.units import NEVER, ticks, value

Ints = npt.NDArray[np.int64]
Space = list[tuple[str, tuple[str, ...]]]

IDLE_BY = {LONGEST_IDLE: BY_IDLE, LEAST_OCCUPIED: BY_HANDLED, RANDOM: BY_CHANCE}
ONE = 1 << 16  # a weight of 1 in a score
OLDER = 1 << 46  # one priority in a score


@dataclass(frozen=True)
class Route:
    """A class of calls; the first of a type is that of calls without labels.

    places : (group, place in the order, ticks of wait, calls waiting) of every group that takes them
    """

    call_type: int
    priority: int
    head_start: int
    labels: dict[str, str]
    places: tuple[tuple[int, int, int, int], ...]
    rises: Rise | None


_OF_ROUTING = tuple(part for part in ByLabel.model_fields if part != "patience")


class Routes(NamedTuple):
    """look, scan : int64, shape (rows, decisions.ROW_COLUMNS); look_at, scan_at : where those of a class, of a seat begin
    order : int64, shape (classes, decisions.ORDER_COLUMNS)
    ruled : 1 where a rule holds back, or raises, or scores; lengths : 1 where one reads how many wait
    overflows : 1 where one reads how long a call has waited; agent_rule, call_rule : addresses of rules of one's own, or NO_RULE
    """

    look: Ints
    look_at: Ints
    scan: Ints
    scan_at: Ints
    order: Ints
    ruled: int
    lengths: int
    overflows: int
    agent_rule: int
    call_rule: int


def classes_of(scenario: Scenario, code: int, families: Space) -> tuple[list[Route], list[int]]:
    """All classes of a type in code order, and the stride of each family: by how much one value changes the class."""
    kind = scenario.call_types[code]
    reserved = {family for group in scenario.groups for one in group.reserve for family in one.labels if family in kind.labels}
    matter = [(family, values) for family, values in families if _routes(kind, family) or family in reserved]
    strides, stride = {}, 1
    for family, values in reversed(matter):
        strides[family] = stride
        stride *= len(values) + 1
    routes = []
    for combination in product(*[(None, *values) for _, values in matter]):
        labels = {family: label for (family, _), label in zip(matter, combination, strict=True) if label is not None}
        overrides = [
            kind.by_label[family][label]
            for family, label in labels.items()
            if label in kind.by_label.get(family, {})
        ]
        routes.append(_route(scenario, code, overrides, labels))
    return routes, [strides.get(family, 0) for family, _ in families]


def _routes(kind: CallType, family: str) -> bool:
    """Whether a label of the family changes how a call is routed: who only waits longer stands in the same queue."""
    given = kind.by_label.get(family, {}).values()
    return any(one.patience is None or any(getattr(one, part) is not None for part in _OF_ROUTING) for one in given)


def _route(scenario: Scenario, code: int, overrides: list[ByLabel], labels: dict[str, str]) -> Route:
    kind = scenario.call_types[code]

    def chosen(part: str) -> Any:
        given = [getattr(override, part) for override in overrides if getattr(override, part) is not None]
        return given[0] if given else getattr(kind, part)

    return Route(
        call_type=code, priority=int(chosen("priority")), head_start=ticks(value(chosen("head_start"))), labels=labels,
        places=tuple(_places(scenario, kind, chosen("groups"), chosen("overflow"))), rises=chosen("rises"),
    )  # fmt: skip


def _places(
    scenario: Scenario, kind: CallType, names: tuple[str, ...] | None, overflow: tuple[Overflow, ...]
) -> Iterable[tuple[int, int, int, int]]:
    codes = {group.name: code for code, group in enumerate(scenario.groups) if kind.name in group.ranks()}
    later = {name for one in overflow for name in one.groups}
    place = 0
    for name in codes if names is None else names:
        if name in codes and (names is not None or name not in later):
            yield codes[name], place, 0, 0
            place += 1
    for one in overflow:
        for name in one.groups:
            yield codes[name], place, 0 if one.after is None else ticks(one.after), one.waiting or 0
            place += 1


def routes_of(scenario: Scenario, routes: list[Route], pools: list[Pool], seats: list[Seat]) -> Routes:
    """The rows of all classes and seats."""
    members: list[list[int]] = [[] for _ in scenario.groups]
    for number, seat in enumerate(seats):
        members[pools[seat.pool].group].append(number)
    look, look_at = _lines([_looks(scenario, route, pools, seats, members) for route in routes])
    serving: list[list[tuple[int, int, int]]] = [[] for _ in scenario.groups]
    for queue, route in enumerate(routes):
        for group, _, after, waiting in route.places:
            serving[group].append((queue, after, waiting))
    scan, scan_at = _lines([_scans(scenario, routes, pools[s.pool], s, serving[pools[s.pool].group], len(seats)) for s in seats])
    order = np.array([_order(scenario, route) for route in routes], np.int64).reshape(len(routes), -1)
    waits = any(after > 0 for one in serving for _, after, _ in one)
    lengths = any(waiting > 0 for one in serving for _, _, waiting in one) or scenario.routing.call[-1] == LONGEST_QUEUE
    agent_rule, call_rule = rules_of(scenario)
    lengths = lengths or call_rule != NO_RULE
    ruled = (
        waits or lengths or bool(order[:, 1:].any()) or any(route.rises is not None for route in routes)
        or any(group.reserve or group.blend for group in scenario.groups) or agent_rule or call_rule
    )  # fmt: skip
    return Routes(look, look_at, scan, scan_at, order, int(bool(ruled)), int(lengths), int(waits), agent_rule, call_rule)


def _lines(rows: list[list[tuple[int, ...]]]) -> tuple[Ints, Ints]:
    flat = [row for one in rows for row in one]
    begins = np.cumsum([0, *(len(one) for one in rows)], dtype=np.int64)
    return np.array(flat, np.int64).reshape(len(flat), ROW_COLUMNS), begins


def _held(scenario: Scenario, route: Route, group: int, seats: int) -> tuple[int, int, int]:
    """(agents of the group who must stay idle, where their number stands, where the group's blend is or NOBODY)."""
    given, kind, groups = scenario.groups[group], scenario.call_types[route.call_type], len(scenario.groups)
    keep = 0
    for one in given.reserve:
        of_type = one.call_types is None or kind.name in one.call_types
        if not (of_type and all(route.labels.get(family) == label for family, label in one.labels.items())):
            keep = max(keep, one.agents)
    beside = given.blend is not None and kind.quiet
    if given.blend is not None and beside:
        keep = max(keep, given.blend.stop)
    return keep, seats + group, seats + groups + group if beside else NOBODY


def _looks(
    scenario: Scenario, route: Route, pools: list[Pool], seats: list[Seat], members: list[list[int]]
) -> list[tuple[int, ...]]:
    """The seats in which calls of a class look, best first; among equals who has least in hand."""
    kind, rules = scenario.call_types[route.call_type], scenario.routing.agent[:-1]
    rows = []
    for group, place, after, waiting in route.places:
        keep, free, mode = _held(scenario, route, group, len(seats))
        for number in members[group]:
            levels, seat = pools[seats[number].pool].levels, seats[number]
            if kind.name in levels and seat.takes(scenario.groups[group], kind):
                by = {RANKED: place, MOST_SKILLED: -levels[kind.name]}
                best = *(by.get(rule, len(levels)) for rule in rules), seat.in_hand
                kept = keep if seat.in_hand == 0 else keep - 1  # he is none of those who are idle
                rows.append((best, place, number, kept, after, waiting, free, mode, levels[kind.name], len(levels)))
    ranks = {best: rank for rank, best in enumerate(sorted({row[0] for row in rows}))}
    rows.sort(key=lambda row: (row[0], row[1], row[2]))
    return [
        (number, ranks[best], ranks[best], keep, after, waiting, free, mode, int(NEVER), 0, level, place, skills)
        for best, place, number, keep, after, waiting, free, mode, level, skills in rows
    ]


def _scans(
    scenario: Scenario, routes: list[Route], pool: Pool, seat: Seat, serving: list[tuple[int, int, int]], seats: int
) -> list[tuple[int, ...]]:
    """The queues in which agents of a seat look, best first."""
    ranks, rules = scenario.groups[pool.group].ranks(), scenario.routing.call[:-1]

    def level(priority: int, kind: str) -> tuple[int, ...]:
        return tuple(priority if rule == PRIORITY else ranks[kind] for rule in rules)

    rows = []
    for queue, after, waiting in serving:
        route = routes[queue]
        kind = scenario.call_types[route.call_type]
        if kind.name in pool.levels and seat.takes(scenario.groups[pool.group], kind):
            now = level(route.priority, kind.name)
            then = now if route.rises is None else level(route.rises.priority, kind.name)
            since = NEVER if route.rises is None else ticks(route.rises.after)
            held = _held(scenario, route, pool.group, seats)
            rows.append((now, then, int(since), queue, after, waiting, *held, route.priority, ranks[kind.name]))
    places = {one: place for place, one in enumerate(sorted({one for row in rows for one in row[:2]}))}
    found = [
        (queue, places[now], min(places[now], places[then]), keep, after, waiting, free, mode, since, places[then], *facts, queue)
        for now, then, since, queue, after, waiting, keep, free, mode, *facts in rows
    ]
    return sorted(found, key=lambda row: (row[2], row[1], row[0]))


def _order(scenario: Scenario, route: Route) -> tuple[int, ...]:
    """The head start, and what makes the score."""
    kind, rule = scenario.call_types[route.call_type], scenario.routing.call[-1]
    if rule == WEIGHTED_WAIT:
        return route.head_start, 0, round(value(kind.weight) * ONE), 0
    if rule == AGEING:
        slope = 0 if kind.ageing is None else round(OLDER / ticks(kind.ageing))
        return route.head_start, -route.priority * OLDER, slope, 0
    return route.head_start, 0, 0, 1 if rule == LONGEST_QUEUE else 0
