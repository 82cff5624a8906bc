"""The decisions have known answers of their own: a shared error is invisible when engines are compared."""

from typing import Any

import numpy as np

from sim.engines.decisions import (
    BLENDED,
    BY_CHANCE,
    BY_HANDLED,
    BY_IDLE,
    EMPTY,
    NOBODY,
    NOBODY_IDLE,
    NOT_YET,
    RESERVED,
    ROW_COLUMNS,
    blended,
    idle_key,
    pick_pool,
    pick_queue,
    queue_key,
    seat_of,
)
from sim.scenario.units import NEVER

NOBODY_THERE = int(NOBODY_IDLE)


def ints(*values: int) -> np.ndarray[Any, Any]:
    return np.array(values, np.int64)


def rows(*given: dict[str, int]) -> np.ndarray[Any, Any]:
    """Rows of a look or a scan; what is not said holds nothing back."""
    found = np.zeros((len(given), ROW_COLUMNS), np.int64)
    for at, one in enumerate(given):
        level = one.get("level", 0)
        found[at] = (
            one["of"], level, one.get("least", level), one.get("keep", 0), one.get("after", 0), one.get("waiting", 0),
            one.get("free", 0), one.get("mode", NOBODY), one.get("rises", int(NEVER)), one.get("then", 0), 0, 0, 0,
        )  # fmt: skip
    return found


def pool(look: np.ndarray[Any, Any], idle: np.ndarray[Any, Any], *, waited: int = 0, waiting: int = 1, ruled: int = 0) -> int:
    return int(pick_pool(look, 0, len(look), idle, ruled, waited, waiting, 0))


def queue(scan: np.ndarray[Any, Any], heads: list[tuple[int, int, int]], **given: Any) -> int:
    """heads : (key, number, length) of each queue; order : (base, slope, per call), head start 0."""
    order = np.array([(0, *one) for one in given.get("order", [(0, 0, 0)] * len(heads))], np.int64)
    table, idle = np.array(heads, np.int64), given.get("idle", ints(0))
    ruled, now, left = given.get("ruled", 0), given.get("now", 1000), given.get("left", 0)
    return int(pick_queue(scan, 0, len(scan), table, order, idle, ruled, now, left, 0))


def test_a_call_takes_the_first_pool_of_its_order_with_somebody_idle():
    look = rows({"of": 2, "level": 0}, {"of": 0, "level": 1}, {"of": 1, "level": 2})
    assert pool(look, ints(5, 1, NOBODY_THERE)) == 0
    assert pool(look, ints(5, 1, 9)) == 2
    assert pool(rows({"of": 1}), ints(9, NOBODY_THERE, 9)) == NOBODY
    assert pool(look[:0], ints(9, 9, 9)) == NOBODY


def test_within_a_level_the_least_key_goes_first_wherever_it_stands():
    look = rows({"of": 0}, {"of": 1}, {"of": 2, "level": 1})
    assert pool(look, ints(5, 4, 1)) == 1
    assert pool(look, ints(4, 5, 1)) == 0
    assert pool(look, ints(NOBODY_THERE, 5, 1)) == 1


def test_the_longest_idle_goes_first_then_the_lower_number():
    zero = np.uint64(0)
    assert idle_key(BY_IDLE, 10, 99, zero, 500) < idle_key(BY_IDLE, 11, 0, zero, 3) < idle_key(BY_IDLE, 11, 0, zero, 4)


def test_the_least_occupied_goes_first_however_long_others_have_been_idle():
    zero = np.uint64(0)
    assert idle_key(BY_HANDLED, 900, 5, zero, 7) < idle_key(BY_HANDLED, 1, 6, zero, 3) < idle_key(BY_HANDLED, 1, 6, zero, 4)


def test_a_place_by_chance_hangs_on_who_he_is_and_since_when_he_is_idle():
    keys = [idle_key(BY_CHANCE, tick, 0, np.uint64(who), 3) for tick in (1, 2, 1 << 41) for who in (11, 12)]
    assert len(set(keys)) == 6 and all(0 < key < NOBODY_IDLE for key in keys)
    firsts = [
        idle_key(BY_CHANCE, tick, 0, np.uint64(11), 0) < idle_key(BY_CHANCE, tick, 0, np.uint64(12), 1) for tick in range(4000)
    ]
    assert abs(np.mean(firsts) - 0.5) < 3.5 * 0.5 / np.sqrt(4000)  # keys 11 and 12


def test_a_reserve_holds_the_last_agents_back():
    look = rows({"of": 0, "keep": 2, "free": 1})
    assert pool(look, ints(5, 2), ruled=1) == RESERVED
    assert pool(look, ints(5, 3), ruled=1) == 0
    assert pool(look, ints(NOBODY_THERE, 0), ruled=1) == NOBODY
    scan = rows({"of": 0, "keep": 2})
    assert queue(scan, [(5, 1, 1)], ruled=1, left=1) == RESERVED
    assert queue(scan, [(5, 1, 1)], ruled=1, left=2) == 0


def test_each_of_what_may_be_in_hand_has_a_seat_of_its_own():
    in_hand = [(chats, other) for other in range(3) for chats in range(4)]
    seats = [seat_of(7, 20, 3, chats, other) for chats, other in in_hand]
    assert seats[0] == 7 and seats[1:] == [*range(20, 31)]


def test_a_reserve_holds_back_from_one_queue_and_not_from_another():
    scan = rows({"of": 0, "keep": 2}, {"of": 1, "level": 1})
    assert queue(scan, [(5, 1, 1), (900, 2, 1)], ruled=1, left=1) == 1
    assert queue(scan, [(5, 1, 1), (900, 2, 1)], ruled=1, left=2) == 0


def test_further_groups_take_a_call_once_it_has_waited_or_many_wait():
    look = rows({"of": 0}, {"of": 1, "level": 1, "after": 60}, {"of": 2, "level": 2, "waiting": 3})
    idle = ints(NOBODY_THERE, 7, 8, 1)
    assert pool(look, idle, ruled=1, waited=59, waiting=2) == NOT_YET
    assert pool(look, idle, ruled=1, waited=60, waiting=2) == 1
    assert pool(look, idle, ruled=1, waited=0, waiting=3) == 2
    scan = rows({"of": 0, "after": 60, "waiting": 3})
    assert queue(scan, [(900, 1, 3)], ruled=1, now=960) == 0
    assert queue(scan, [(900, 1, 2)], ruled=1, now=960) == queue(scan, [(900, 1, 3)], ruled=1, now=959) == NOT_YET


def test_work_beside_calls_waits_for_its_time():
    look = rows({"of": 0, "mode": 2, "free": 1})
    assert pool(look, ints(5, 4, 0), ruled=1) == BLENDED
    assert pool(look, ints(5, 4, 1), ruled=1) == 0
    assert [blended(mode, idle, 4, 2) for mode, idle in ((0, 3), (0, 4), (1, 3), (1, 2), (0, 2))] == [0, 1, 1, 0, 0]


def test_a_freed_agent_takes_the_better_level_however_long_the_other_waits():
    scan = rows({"of": 1, "level": 0}, {"of": 0, "level": 1})
    assert queue(scan, [(5, 1, 1), (900, 2, 1)]) == 1
    assert queue(scan, [(5, 1, 1), (int(EMPTY), 2, 0)]) == 0


def test_within_a_level_the_longest_queued_goes_first_then_the_lower_number():
    scan = rows({"of": 0}, {"of": 1}, {"of": 2, "level": 1})
    assert queue(scan, [(50, 1, 1), (40, 2, 1), (1, 3, 1)]) == 1
    assert queue(scan, [(40, 7, 1), (40, 2, 1), (1, 3, 1)]) == 1
    assert queue(scan, [(40, 2, 1), (40, 7, 1), (1, 3, 1)]) == 0


def test_weights_ages_and_lengths_score_the_heads_and_equal_scores_go_by_wait():
    scan = rows({"of": 0}, {"of": 1})
    weighted = [(0, 3, 0), (0, 1, 0)]  # a wait of the first counts three times
    assert queue(scan, [(900, 1, 1), (750, 2, 1)], order=weighted, ruled=1) == 0
    assert queue(scan, [(900, 1, 1), (690, 2, 1)], order=weighted, ruled=1) == 1
    older = [(-1000, 0, 0), (-2000, 10, 0)]  # the second's priority is worse by what a wait of 100 makes up for
    assert queue(scan, [(1, 1, 1), (901, 2, 1)], order=older, ruled=1) == 0
    assert queue(scan, [(1, 1, 1), (899, 2, 1)], order=older, ruled=1) == 1
    longest = [(0, 0, 1), (0, 0, 1)]
    assert queue(scan, [(1, 1, 3), (900, 2, 4)], order=longest, ruled=1) == 1
    assert queue(scan, [(900, 1, 4), (1, 2, 4)], order=longest, ruled=1) == 1


def test_who_has_waited_long_enough_rises_before_a_better_level():
    scan = rows({"of": 1, "level": 1}, {"of": 0, "level": 2, "least": 0, "rises": 300, "then": 0})
    scan = scan[np.argsort(scan[:, 2], kind="stable")]
    assert queue(scan, [(701, 1, 1), (900, 2, 1)], ruled=1) == 1
    assert queue(scan, [(700, 1, 1), (900, 2, 1)], ruled=1) == 0


def test_nobody_waits():
    empty = (int(EMPTY), 0, 0)
    assert queue(rows({"of": 0}, {"of": 1}), [empty, empty]) == NOBODY
    assert queue(rows({"of": 0})[:0], [(1, 1, 1)]) == NOBODY


def test_only_the_stretch_of_the_pool_is_read():
    scan, heads, order = rows({"of": 0}, {"of": 1}), np.array([(1, 1, 1), (9, 2, 1)], np.int64), np.zeros((2, 4), np.int64)
    assert pick_queue(scan, 1, 2, heads, order, ints(0), 0, 10, 0, 0) == 1


def test_a_head_start_counts_as_waiting_time():
    assert queue_key(100, 30) == 70
