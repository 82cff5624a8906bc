"""Callers in order: the fast way gives what a sort by (arrival, stream, k) gives."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.chance import draw
from sim.chance.arrivals import fresh
from sim.chance.room import Room
from sim.chance.sequence import places
from sim.chance.streams import cells
from sim.files import load

sparse = st.lists(st.integers(0, 10**11) | st.integers(0, 1 << 62) | st.integers(5, 9), max_size=60)


@given(sparse | st.lists(st.integers(5, 40), min_size=150))
def test_the_order_is_that_of_a_stable_sort(ticks: list[int]) -> None:
    arrival = np.array(ticks, np.int64)
    assert np.array_equal(np.argsort(places(arrival, Room())), np.argsort(arrival, kind="stable"))


def test_fresh_callers_come_by_arrival_stream_and_number() -> None:
    scenario = load("golden-club")
    new = fresh(cells(scenario, seed=3, replication=1), seed=3, replication=1)
    expected = np.lexsort((new.k, new.of_cells(new.cells.stream), new.arrival))
    assert np.array_equal(np.argsort(places(new.arrival, Room())), expected)
    assert np.array_equal(draw(scenario, seed=3, replication=1).key, new.key[expected])
