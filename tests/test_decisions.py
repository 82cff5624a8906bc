"""The decisions have known answers of their own: a shared error is invisible when engines are compared."""

import numpy as np

from sim.engines.decisions import EMPTY, NOBODY, NOBODY_IDLE, idle_key, pick_pool, pick_queue, queue_key


def ints(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def test_a_call_takes_the_first_pool_of_its_order_with_somebody_idle():
    look, level, nobody = ints(2, 0, 1, 1), ints(0, 1, 2, 0), int(NOBODY_IDLE)
    assert pick_pool(look, level, 0, 3, ints(5, 1, nobody)) == 0
    assert pick_pool(look, level, 0, 3, ints(5, 1, 9)) == 2
    assert pick_pool(look, level, 3, 4, ints(9, nobody, 9)) == NOBODY
    assert pick_pool(look, level, 2, 2, ints(9, 9, 9)) == NOBODY


def test_within_a_level_the_least_key_goes_first_wherever_it_stands():
    look, level = ints(0, 1, 2), ints(0, 0, 1)
    assert pick_pool(look, level, 0, 3, ints(5, 4, 1)) == 1
    assert pick_pool(look, level, 0, 3, ints(4, 5, 1)) == 0
    assert pick_pool(look, level, 0, 3, ints(NOBODY_IDLE, 5, 1)) == 1


def test_the_longest_idle_goes_first_then_the_lower_number():
    assert idle_key(10, 500) < idle_key(11, 3) < idle_key(11, 4)


def test_a_freed_agent_takes_the_better_level_however_long_the_other_waits():
    scan, level = ints(1, 0), ints(0, 1)
    assert pick_queue(scan, level, 0, 2, ints(5, 900), ints(1, 2)) == 1
    assert pick_queue(scan, level, 0, 2, ints(5, EMPTY), ints(1, 2)) == 0


def test_within_a_level_the_longest_queued_goes_first_then_the_lower_number():
    scan, level = ints(0, 1, 2), ints(0, 0, 1)
    assert pick_queue(scan, level, 0, 3, ints(50, 40, 1), ints(1, 2, 3)) == 1
    assert pick_queue(scan, level, 0, 3, ints(40, 40, 1), ints(7, 2, 3)) == 1
    assert pick_queue(scan, level, 0, 3, ints(40, 40, 1), ints(2, 7, 3)) == 0


def test_nobody_waits():
    assert pick_queue(ints(0, 1), ints(0, 0), 0, 2, ints(EMPTY, EMPTY), ints(0, 0)) == NOBODY
    assert pick_queue(ints(0), ints(0), 0, 0, ints(1), ints(1)) == NOBODY


def test_only_the_groups_own_stretch_of_the_scan_is_read():
    assert pick_queue(ints(0, 1), ints(0, 0), 1, 2, ints(1, 9), ints(1, 2)) == 1


def test_a_head_start_counts_as_waiting_time():
    assert queue_key(100, 30) == 70
