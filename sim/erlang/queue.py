"""Erlang B and C: no room to wait, and waiting without end."""

import math
from dataclasses import dataclass

from sim.erlang.allowed import allow, bad_interval, not_number, not_whole


@dataclass(frozen=True)
class ErlangC:
    """One steady interval when nobody hangs up (M/M/n).

    load, agents    erlangs offered, heads on phones
    delayed         share of calls that wait at all
    service_level   share answered within `within` seconds
    asa             average speed of answer, seconds; inf when the queue has no steady state
    occupancy       busy share of agent time
    stable          load < agents; if not, the queue grows without end and Erlang C has no answer
    answer_rate     1 by assumption, also when not stable
    """

    load: float
    agents: int
    within: float
    delayed: float
    service_level: float
    asa: float
    occupancy: float
    stable: bool
    answer_rate: float = 1.0


def erlang_b(load: float, servers: int) -> float:
    """Blocking probability of `servers` lines offered `load` erlangs (M/M/n/n); 1.0 without lines.

    Erlang (1917) by the recursion of Jagerman (1974): B(0) = 1, B(k) = a B(k-1) / (k + a B(k-1)), which
    neither overflows nor cancels. ValueError if load is negative or not finite, or servers not a whole
    number >= 0.
    """
    allow(not_number("load", load, "erlangs"), not_whole("servers", servers))
    blocking = 1.0
    for k in range(1, int(servers) + 1):
        waiting_on = load * blocking
        blocking = waiting_on / (k + waiting_on)
        if blocking == 0.0:  # underflow: more lines leave it 0
            break
    return blocking


def erlang_c(*, calls_per_hour: float, aht: float, agents: int, within: float = 20.0) -> ErlangC:
    """Erlang C: waiting calls stay for ever. `aht` and `within` in seconds.

    Erlang (1917): delayed C = n B / (n - a (1 - B)); P(wait > t) = C exp(-(n - a) t / AHT); mean wait
    C AHT / (n - a). With load >= agents there is no steady state: `stable` is False, `asa` inf,
    `service_level` 0. ValueError names every impossible input at once.
    """
    allow(*bad_interval(calls_per_hour, aht, agents, within))
    load, agents = float(calls_per_hour / 3600.0 * aht), int(agents)
    if load >= agents:
        return ErlangC(load, agents, within, 1.0, 0.0, math.inf, 1.0 if agents else 0.0, stable=False)
    blocking, spare = erlang_b(load, agents), agents - load
    delayed = min(1.0, agents * blocking / (spare + load * blocking))
    level = max(0.0, 1.0 - delayed * math.exp(-spare * (within / aht)))
    return ErlangC(load, agents, within, delayed, level, delayed * aht / spare, load / agents, stable=True)
