"""Erlang A: callers who hang up, by integrals of the offered wait."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.erlang.allowed import allow, bad_interval, bad_patience
from sim.erlang.queue import erlang_b

_Floats = npt.NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(20)  # exact to rounding on panels as short as ours
_PLACES = np.concatenate([[0.0], np.geomspace(1e-8, 1.0, 250)])  # of a way, where levels are looked for between two of them
_LEVELS = np.arange(2.0, 101.0, 2.0)  # exp(-2) a panel, up to exp(-100): far below rounding


@dataclass(frozen=True)
class ErlangA:
    """One steady interval when callers hang up after an exponential patience (M/M/n+M); always stable.

    load, agents       erlangs offered, heads on phones
    answer_rate        answered / offered
    service_level      answered within `within` seconds / offered
    abandonment_rate   abandoned / offered
    asa                mean wait of the answered, seconds; inf when nobody is answered
    mean_wait          mean wait of all callers, answered or not, seconds
    delayed            share of calls that find no free agent
    occupancy          busy share of agent time; 0 without agents
    mean_busy          agents busy, time average
    mean_queue         callers waiting, time average
    """

    load: float
    agents: int
    patience: float
    within: float
    answer_rate: float
    service_level: float
    abandonment_rate: float
    asa: float
    mean_wait: float
    delayed: float
    occupancy: float
    mean_busy: float
    mean_queue: float


def erlang_a(*, calls_per_hour: float, aht: float, agents: int, patience: float, within: float = 20.0) -> ErlangA:
    """Erlang A: a caller hangs up after an exponential patience of mean `patience`. All times in seconds.

    The offered wait V (of a caller who would never hang up) is 0 when an agent is free and otherwise has
    density proportional to exp(g(x)), g(x) = lambda patience (1 - exp(-x / patience)) - n x / AHT
    (Baccelli and Hebuterne 1981; Mandelbaum and Zeltyn 2007, appendix). A caller is answered if the patience
    exceeds V, so every measure is one integral of that density; mean wait of all = patience x abandonment.
    ValueError names every impossible input at once.
    """
    allow(*bad_interval(calls_per_hour, aht, agents, within), bad_patience(patience))
    per_second, agents = float(calls_per_hour / 3600.0), int(agents)
    load = per_second * aht
    if agents == 0:  # every caller waits out the patience
        return ErlangA(
            load, 0, patience, within, 0.0, 0.0, 1.0, math.inf, patience, 1.0, 0.0, 0.0, per_second * patience
        )
    wait = _OfferedWait.of(load, agents, patience / aht, within / patience)
    # free : delayed = sum of P(k busy), k < n : lambda P(n-1 busy) x integral, and P(n-1) / sum = B(n-1)
    last = erlang_b(load, agents - 1)
    arriving = per_second * patience
    log_odds = math.log(arriving) + math.log(last) + wait.log_total if arriving and last else -math.inf
    delayed, free = _logistic(log_odds), _logistic(-log_odds)
    answered = min(1.0, free + delayed * wait.answered)
    abandoned = min(1.0, delayed * wait.abandoned)
    mean_wait = patience * abandoned
    busy = min(float(agents), load * answered)
    return ErlangA(
        load=load,
        agents=agents,
        patience=patience,
        within=within,
        answer_rate=answered,
        service_level=min(answered, free + delayed * wait.answered_within),
        abandonment_rate=abandoned,
        asa=patience * delayed * wait.answered_wait / answered if answered else math.inf,
        mean_wait=mean_wait,
        delayed=delayed,
        occupancy=busy / agents,
        mean_busy=busy,
        mean_queue=per_second * mean_wait,
    )


@dataclass(frozen=True)
class _OfferedWait:
    """Integrals of the offered wait of the delayed; waits in units of the mean patience.

    log_total         log of the integral of exp(g)
    answered          share answered, E[exp(-V)]
    answered_within   share answered within the limit
    abandoned         share who hang up, E[1 - exp(-V)]
    answered_wait     E[V exp(-V)]
    """

    log_total: float
    answered: float
    answered_within: float
    abandoned: float
    answered_wait: float

    @classmethod
    def of(cls, load: float, agents: int, patience: float, within: float) -> "_OfferedWait":
        """Integrate for at least one agent; `patience` in units of AHT, `within` in units of patience.

        g(u) = eta (1 - exp(-u)) - c u with eta = load x patience, c = agents x patience is concave with its
        mode at u0 = max(0, log(load / agents)). Taken relative to the mode, s = u - u0, it falls by
        min(eta, c) (exp(-s) - 1 + s) + max(0, c - eta) s: no overflow however large the overload.
        Gauss-Legendre on panels in which neither g nor u moves far has no error beyond rounding.
        """
        eta, c = load * patience, agents * patience
        mode = math.log(load / agents) if load > agents else 0.0
        curve, slope = min(eta, c), max(0.0, c - eta)

        def fall(s: _Floats) -> _Floats:
            return curve * (np.expm1(-s) + s) + slope * s

        right = 1.0
        while float(fall(np.array([right]))[0]) < _LEVELS[-1]:
            right *= 2.0
        limit = min(within - mode, right)
        inside = np.concatenate([-_reach(lambda s: fall(-s), mode), _reach(fall, right)])
        edges = np.concatenate([inside, [-mode, 0.0, limit], np.arange(1.0, 61.0) - mode])
        edges = np.unique(edges[(edges >= inside.min()) & (edges <= inside.max())])
        half = (np.diff(edges) / 2.0)[:, None]
        s = edges[:-1, None] + half * (1.0 + _NODES)
        mass = half * _WEIGHTS * np.exp(-fall(s))
        u = np.maximum(s + mode, 0.0)
        total, stays = float(mass.sum()), mass * np.exp(-u)
        peak = eta - c - c * mode if load > agents else 0.0
        return cls(
            log_total=peak + math.log(total),
            answered=float(stays.sum()) / total,
            answered_within=float(stays[edges[:-1] < limit].sum()) / total,
            abandoned=float((mass * -np.expm1(-u)).sum()) / total,
            answered_wait=float((stays * u).sum()) / total,
        )


def _reach(fall: Callable[[_Floats], _Floats], end: float) -> _Floats:
    """About where in 0..end the rising function `fall` passes each of _LEVELS; `end` if it does not. Of panel borders no more
    is needed.
    """
    places = _PLACES * end
    return np.asarray(np.interp(_LEVELS, fall(places), places), np.float64)


def _logistic(x: float) -> float:
    """1 / (1 + exp(-x)) without overflow."""
    return 1.0 / (1.0 + math.exp(-x)) if x > -700.0 else 0.0  # exp(700) is the last that fits
