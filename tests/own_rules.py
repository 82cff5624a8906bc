"""Rules of one's own, as a researcher writes them; `test_routing` names them in scenarios."""

import numba


@numba.njit
def last_come(waited: int, length: int, priority: int, rank: int, queue: int, free: int) -> int:
    """Who has waited least goes first."""
    return -waited


def last_come_plain(waited: int, length: int, priority: int, rank: int, queue: int, free: int) -> int:
    """The same in plain Python."""
    return -waited


@numba.njit
def fewest_left(waited: int, since: int, level: int, place: int, skills: int, free: int) -> int:
    """Of the group with the most idle agents."""
    return free


def breaks(waited: int, length: int, priority: int, rank: int, queue: int, free: int) -> int:
    """A rule with a mistake in it."""
    return waited // (length - length)


@numba.njit
def breaks_compiled(waited: int, length: int, priority: int, rank: int, queue: int, free: int) -> int:
    """The same mistake, compiled."""
    return waited // (length - length)


NUMBER = 3
