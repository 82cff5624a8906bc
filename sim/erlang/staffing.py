"""From a target to heads: the fewest on phones, and how many to roster for them."""

import math
from collections.abc import Callable
from typing import Literal

from sim.erlang.allowed import allow, bad_interval, bad_patience, not_number, real
from sim.erlang.patience import erlang_a
from sim.erlang.queue import erlang_c


def agents_needed(
    *,
    calls_per_hour: float,
    aht: float,
    service_level: float = 0.8,
    within: float = 20.0,
    patience: float | None = None,
    answer_rate: float | None = None,
) -> int:
    """Fewest agents on phones that reach `service_level` within `within` seconds, and `answer_rate` if given.

    Erlang C when `patience` is None, else Erlang A (service level = answered within / offered). Both rise
    with every agent, so bisection finds the least. No calls need nobody. ValueError for impossible input,
    for a target outside 0 <= target < 1, and for an answer rate under Erlang C, which assumes it to be 1.
    """
    targets = {"service_level": service_level} | ({} if answer_rate is None else {"answer_rate": answer_rate})
    problems = [
        f"{name}: {value!r} is not allowed; a share from 0 to below 1 (80 % is 0.8)"
        for name, value in targets.items()
        if not (real(value) and 0.0 <= value < 1.0)
    ]
    if answer_rate is not None and patience is None:
        problems.append("answer_rate: Erlang C answers every call by assumption; give a patience as well")
    if patience is not None:
        problems.append(bad_patience(patience))
    allow(*problems, *bad_interval(calls_per_hour, aht, 0, within))
    if calls_per_hour == 0.0:
        return 0

    def enough(agents: int) -> bool:
        if patience is None:
            c = erlang_c(calls_per_hour=calls_per_hour, aht=aht, agents=agents, within=within)
            return c.service_level >= service_level
        a = erlang_a(calls_per_hour=calls_per_hour, aht=aht, agents=agents, patience=patience, within=within)
        return a.service_level >= service_level and a.answer_rate >= (answer_rate or 0.0)

    return _least(enough, start=math.ceil(calls_per_hour / 3600.0 * aht))


def rostered(on_phones: float, shrinkage: float, *, convention: Literal["divide", "markup"] = "divide") -> float:
    """Heads to roster so that `on_phones` heads are left after `shrinkage` (a share of paid time).

    "divide" is on_phones / (1 - shrinkage), what the definition asks for; "markup" is
    on_phones x (1 + shrinkage), the usual slip, here to be compared with other people's sheets.
    ValueError for negative heads, shrinkage outside 0..1 (divide: below 1), or another convention.
    """
    top = "below 1" if convention == "divide" else "1"
    fits = real(shrinkage) and 0.0 <= shrinkage <= 1.0 and not (convention == "divide" and shrinkage == 1.0)
    allow(
        not_number("on_phones", on_phones, "heads"),
        "" if fits else f"shrinkage: {shrinkage!r} is not allowed; a share from 0 to {top} (28 % is 0.28)",
        "" if convention in ("divide", "markup") else f'convention: {convention!r} is not known; "divide" or "markup"',
    )
    return on_phones / (1.0 - shrinkage) if convention == "divide" else on_phones * (1.0 + shrinkage)


def _least(enough: Callable[[int], bool], *, start: int) -> int:
    """Smallest n >= 0 with enough(n), for a condition that stays true; `start` is a first guess."""
    low, high = -1, start
    while not enough(high):
        low, high = high, 2 * high + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
