"""streams: a scenario's streams of callers cut into cells.

A *stream* is the everyday traffic of a call type, the callers of one type in one surge, or those of one type who wait
when the center opens. Its *cells* are its intervals; a cell's callers spread over its *pieces*. A surge counts its
intervals from its own `at`, so moving it moves its callers unchanged (a `step` lasts until closing and a `factor` follows
the everyday traffic: these change with `at`). Everyday intervals are counted on from day to day.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.chance.demand import contacts_come, everyday_means, expected_means, fixed_counts, is_varied
from sim.chance.philox import name_hash
from sim.chance.remember import remembered
from sim.chance.shapes import Shapes, full_time, pack_shapes, share
from sim.chance.spans import interval_begins
from sim.chance.tape import MOST_STREAMS, MOST_SURGES
from sim.scenario.demand import Surge
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.horizon import day_of, hours
from sim.scenario.scenario import Scenario
from sim.scenario.units import DAY, TICKS_PER_SECOND, ticks, value

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

MOST_CELLS = 1 << 16  # intervals of a stream: 16 bits of a key
MOST_CALLERS = 1 << 24  # callers of a cell: 24 bits of a key
MOST_EXPECTED = float(1 << 23)  # so that no Poisson quantile comes near MOST_CALLERS


class Cells(NamedTuple):
    """Streams cut into intervals. Shape (cells,) int64 unless said; pieces of a cell are contiguous.

    stream, call_type, surge : codes; identity : uint64, 24 bits, the stream's part of a key
    interval : counted from opening or from the surge's `at`
    mean : float64, expected callers; fixed : callers, or -1 where their number is Poisson
    first : shape (cells + 1,), where a cell's pieces begin
    shape : shape (pieces,), row of `shapes` or -1 for an even spread; origin, since, until : ticks, shape (pieces,)
    mass : float64, shape (pieces,), expected callers of a piece (any scale within a cell)
    """

    stream: Ints
    identity: Keys
    call_type: Ints
    surge: Ints
    interval: Ints
    mean: Floats
    fixed: Ints
    first: Ints
    shape: Ints
    origin: Ints
    since: Ints
    until: Ints
    mass: Floats
    shapes: Shapes


def stream_identities(scenario: Scenario) -> dict[int, int]:
    """Stream code -> 24 bits that are its part of a key; ScenarioError when two names have the same, or
    when there are more than a Tape has bits for.

    Codes: everyday streams are call type codes; types + surge * types + type for a surge's callers; opening queues last.
    """
    types, named = len(scenario.call_types), {}
    if len(scenario.surges) > MOST_SURGES or types * (2 + len(scenario.surges)) > MOST_STREAMS:
        most = f"at most {MOST_SURGES}, and {MOST_STREAMS} streams: call types x (2 + surges)"
        raise ScenarioError([Problem("surges", most, found=f"{len(scenario.surges)} surges of {types} call types")])
    for code, kind in enumerate(scenario.call_types):
        named[code] = (f"type\0{kind.name}", f"call_types.{kind.name}")
        named[types * (1 + len(scenario.surges)) + code] = (f"opening\0{kind.name}", f"opening_queue.calls.{kind.name}")
        for number, surge in enumerate(scenario.surges):
            stream = types * (1 + number) + code
            named[stream] = (f"surge\0{surge.name}\0{kind.name}", f"surges.{surge.name}")
    owner: dict[int, str] = {}
    identities: dict[int, int] = {}
    for stream, (text, path) in named.items():
        identity = name_hash(text, bits=24)
        if identity in owner and owner[identity] != path:
            message = f"its name gives the same 24-bit key as {owner[identity]}; rename one of them"
            raise ScenarioError([Problem(path, message)])
        owner[identity] = path
        identities[stream] = identity
    return identities


def cells(scenario: Scenario, *, seed: int, replication: int) -> Cells:
    """All cells of a scenario's generated streams (replayed calls are not among them).

    Busyness factors are already in the means. Raises ScenarioError where a number does not fit its bits of a key, for a
    factor below 1 and for a surge that lasts no time.
    """
    if not is_varied(scenario):
        return _ordinary_cells(scenario)
    means = everyday_means(scenario, seed=seed, replication=replication)
    if any(surge.factor for surge in scenario.surges):  # such a surge follows how busy the day is
        return _cells(scenario, means)
    same = _ordinary_cells(scenario)
    generated = [code for code, kind in enumerate(scenario.call_types) if kind.arrivals.replay is None]
    everyday = means[generated].ravel()
    if len(everyday) and everyday.max() > MOST_EXPECTED:
        return _cells(scenario, means)  # says where
    return same._replace(mean=np.concatenate([everyday, same.mean[len(everyday) :]]))


@remembered
def _ordinary_cells(scenario: Scenario) -> Cells:
    """The cells of a day that is as busy as expected; the everyday streams stand first."""
    return _cells(scenario, expected_means(scenario))


def _cells(scenario: Scenario, means: Floats) -> Cells:
    calendar, types = scenario.calendar, len(scenario.call_types)
    begins, length = interval_begins(calendar), ticks(calendar.interval)
    rows = _Rows(stream_identities(scenario))
    for code, kind in enumerate(scenario.call_types):
        if kind.arrivals.replay is not None:
            continue
        counts = fixed_counts(scenario, kind)
        come = None if kind.outbound is None else contacts_come(scenario, kind.outbound)
        path = f"call_types.{kind.name}.{'arrivals' if kind.outbound is None else 'outbound.contacts'}"
        for i, since in enumerate(begins):
            until = since + length
            key_of = i
            if come is not None and counts[i] > 0:
                since, until, key_of = come, come + 1, 0  # a contact stays the same whenever he may be called first
            rows.piece(-1, begins[0], since, until, 1.0)
            rows.cell(code, code, -1, key_of, float(means[code, i]), int(counts[i]), path)
    shapes = _shapes(scenario)
    for number, surge in enumerate(scenario.surges):
        for code, kind in enumerate(scenario.call_types):
            if kind.name in surge.calls or kind.name in surge.factor:
                _surge(rows, shapes, number, surge, code, kind.name, means[code], scenario)
    queue = scenario.opening_queue
    for code, kind in enumerate(scenario.call_types):
        waiting = 0 if queue is None else queue.calls.get(kind.name, 0)
        if waiting:
            opens = ticks((hours(scenario, 0) or (calendar.opens, 0.0))[0])
            rows.piece(-1, opens, opens, opens + 1, 1.0)
            stream = types * (1 + len(scenario.surges)) + code
            rows.cell(stream, code, -1, 0, 0.0, waiting, f"opening_queue.calls.{kind.name}")
    return rows.pack(shapes)


def _shapes(scenario: Scenario) -> Shapes:
    rows = []
    for surge in scenario.surges:
        open_then = hours(scenario, day_of(scenario, surge.on)) or (0.0, scenario.calendar.closes)
        rows.append((surge.shape, open_then[1] - surge.at))
        try:
            pack_shapes(rows[-1:])
        except ValueError as error:
            raise ScenarioError([Problem(f"surges.{surge.name}.shape", str(error))]) from error
    return pack_shapes(rows)


def _surge(
    rows: _Rows, shapes: Shapes, number: int, surge: Surge, code: int, name: str, means: Floats, scenario: Scenario
) -> None:
    """The cells of one call type in one surge: intervals of the calendar's length, from the surge's own `at`."""
    calendar, types = scenario.calendar, len(scenario.call_types)
    at, length = ticks(surge.at) + day_of(scenario, surge.on) * DAY, ticks(calendar.interval)
    begins = interval_begins(calendar)
    end = at + max(ticks(float(shapes.lasts[number])), 1)
    path = f"surges.{surge.name}.{'calls' if name in surge.calls else 'factor'}.{name}"
    size, factor = value(surge.calls.get(name, 0.0)), value(surge.factor.get(name, 1.0))
    if factor < 1.0:
        raise ScenarioError([Problem(path, "factor must be at least 1", found=f"{factor:g}")])
    if -((at - end) // length) > MOST_CELLS:
        raise ScenarioError([Problem(path, f"the surge must end within {MOST_CELLS} intervals")])

    def mass(since: int, until: int, calls: float) -> float:
        seconds = (since - at) / TICKS_PER_SECOND, (until - at) / TICKS_PER_SECOND
        return calls * (share(shapes, number, seconds[1]) - share(shapes, number, seconds[0]))

    for j in range(-((at - end) // length)):
        since, until = at + j * length, min(at + (j + 1) * length, end)
        total = 0.0
        if name in surge.calls:
            total = mass(since, until, size)
            rows.piece(number, at, since, until, 1.0)  # the only one: places must not depend on the size
        else:
            full = (factor - 1.0) * full_time(shapes, number) / calendar.interval
            first = bisect_right(begins, since) - 1
            for i in range(max(first, 0), min(first + 2, len(begins))):  # everyday rates change at the calendar's borders
                low, high = max(since, begins[i]), min(until, begins[i] + length)
                if low < high:
                    total += mass(low, high, full * float(means[i]))
                    rows.piece(number, at, low, high, mass(low, high, float(means[i])))
        if rows.open:
            rows.cell(types * (1 + number) + code, code, number, j, total, -1, path)


class _Rows:
    """Collects cells and their pieces."""

    def __init__(self, identities: dict[int, int]) -> None:
        self._identities = identities
        self._cells: list[tuple[int, int, int, int, int]] = []
        self._keys: list[int] = []
        self._means: list[float] = []
        self._first = [0]
        self._pieces: list[tuple[int, int, int, int]] = []
        self._masses: list[float] = []

    @property
    def open(self) -> bool:
        """Whether pieces wait for their cell."""
        return len(self._pieces) > self._first[-1]

    def piece(self, shape: int, origin: int, since: int, until: int, mass: float) -> None:
        self._pieces.append((shape, origin, since, until))
        self._masses.append(mass)

    def cell(self, stream: int, kind: int, surge: int, interval: int, mean: float, fixed: int, path: str) -> None:
        """Closes the cell of the pieces given since the last one; checks what must fit a key."""
        if interval >= MOST_CELLS:
            raise ScenarioError([Problem(path, f"at most {MOST_CELLS} intervals", found=f"interval {interval}")])
        if not mean <= MOST_EXPECTED or fixed >= MOST_CALLERS:
            most = f"at most {MOST_EXPECTED:.0f} calls in one interval"
            raise ScenarioError([Problem(path, most, found=f"{max(mean, fixed):g}")])
        self._cells.append((stream, kind, surge, interval, fixed))
        self._keys.append(self._identities[stream])
        self._means.append(mean)
        self._first.append(len(self._pieces))

    def pack(self, shapes: Shapes) -> Cells:
        stream, kind, surge, interval, fixed = np.array(self._cells, np.int64).reshape(-1, 5).T.copy()
        shape, origin, since, until = np.array(self._pieces, np.int64).reshape(-1, 4).T.copy()
        return Cells(
            stream, np.array(self._keys, np.uint64), kind, surge, interval, np.array(self._means), fixed,
            np.array(self._first, np.int64), shape, origin, since, until, np.array(self._masses), shapes,
        )  # fmt: skip
