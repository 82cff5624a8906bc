"""Measures of calls: answer rates, service levels, waits and shares, each a ratio of sums."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.measures.cut import Cut
from sim.measures.measure import Measure, Parts
from sim.scenario.units import TICKS_PER_SECOND
from sim.tally.tally import Count, Tally

Ints = npt.NDArray[np.int64]

# Which outcomes each denominator counts: the table of the model, once and for all.
ANSWERED = (Count.ANSWERED, Count.CALLED_BACK)
OFFERED = (
    *ANSWERED,
    Count.BALKED,
    Count.ABANDONED,
    Count.DEFLECTED,
    Count.CALLBACK_MISSED,
    Count.STILL_WAITING,
)
ENTERED = (*OFFERED, Count.CONTAINED, Count.IVR_ABANDONED, Count.STILL_IN_IVR)
ATTEMPTED = (*ENTERED, Count.BLOCKED, Count.CLOSED)
DENOMINATORS = {"attempted": ATTEMPTED, "entered": ENTERED, "offered": OFFERED, "answered": ANSWERED}

Terms = dict[Count, int]


def count(*columns: Count, less: tuple[Count, ...] = ()) -> Terms:
    """A sum of columns, less others."""
    terms = dict.fromkeys(columns, 1)
    for column in less:
        terms[column] = terms.get(column, 0) - 1
    return terms


def combine(counts: Ints, terms: Terms) -> npt.NDArray[np.float64]:
    """The sum per day: counts int64, shape (days, columns) -> float64, shape (days,); exact below 2**53."""
    total = np.zeros(counts.shape[0], np.int64)
    for column, sign in terms.items():
        total += sign * counts[:, column]
    return total.astype(np.float64)


def ratio(
    name: str,
    title: str,
    formula: str,
    above: Terms,
    below: Terms,
    *,
    better: str | None = "high",
    unit: str = "share",
    scale: float = 1.0,
) -> Measure:
    """A measure that divides sums of counts of calls."""

    def parts(tally: Tally, cut: Cut) -> Parts:
        counts = cut.calls(tally)
        return combine(counts, above) * scale, combine(counts, below)

    return Measure(name, title, formula, unit, better, parts)  # type: ignore[arg-type]  # literals of Measure


_SECONDS = 1 / TICKS_PER_SECOND
_answered, _offered = count(*ANSWERED), count(*OFFERED)
_within = count(Count.ANSWERED_WITHIN)

ANSWER_RATES = (
    ratio("answer_rate", "answer rate", "answered / offered", _answered, _offered),
    ratio(
        "answer_rate_without_short",
        "answer rate without short abandons",
        "answered / (offered - abandoned within the short limit)",
        _answered,
        count(*OFFERED, less=(Count.ABANDONED_SHORT,)),
    ),
    ratio("answer_rate_entered", "answered of all that entered", "answered / entered", _answered, count(*ENTERED)),
    ratio(
        "handled_rate",
        "handled by agents or IVR",
        "(answered + contained) / entered",
        count(*ANSWERED, Count.CONTAINED),
        count(*ENTERED),
    ),
    ratio(
        "answer_rate_with_blocked",
        "answer rate with busy tones",
        "answered / (offered + blocked)",
        _answered,
        count(*OFFERED, Count.BLOCKED),
    ),
    ratio(
        "answer_rate_live",
        "answer rate without callbacks",
        "answered live / offered",
        count(Count.ANSWERED),
        _offered,
    ),
)
SERVICE_LEVELS = (
    ratio("service_level", "service level", "answered within T / offered", _within, _offered),
    ratio(
        "service_level_abandons_met",
        "service level, quick abandons count as met",
        "(answered within T + abandoned within T) / offered",
        count(Count.ANSWERED_WITHIN, Count.ABANDONED_WITHIN),
        _offered,
    ),
    ratio(
        "service_level_answered", "service level of the answered", "answered within T / answered", _within, _answered
    ),
    ratio(
        "service_level_without_quick",
        "service level without quick abandons",
        "answered within T / (offered - abandoned within T)",
        _within,
        count(*OFFERED, less=(Count.ABANDONED_WITHIN,)),
    ),
    ratio(
        "service_level_without_short",
        "service level without short abandons",
        "answered within T / (offered - abandoned within the short limit)",
        _within,
        count(*OFFERED, less=(Count.ABANDONED_SHORT,)),
    ),
)
WAITS = (
    ratio("asa", "average speed of answer", "wait of the answered / answered", count(Count.WAIT_ANSWERED), _answered,
          better="low", unit="s", scale=_SECONDS),
    ratio("mean_wait", "mean wait of all offered", "wait of all / offered", count(Count.WAIT_ALL), _offered,
          better="low", unit="s", scale=_SECONDS),
    ratio("mean_wait_abandoned", "mean wait of the abandoned", "wait of the abandoned / abandoned",
          count(Count.WAIT_ABANDONED), count(Count.ABANDONED), better=None, unit="s", scale=_SECONDS),
    ratio("delayed_rate", "share that waits", "offered with wait > 0 / offered", count(Count.DELAYED), _offered,
          better="low"),
)  # fmt: skip
SHARES = (
    ratio("abandonment_rate", "abandonment", "abandoned / offered", count(Count.ABANDONED), _offered, better="low"),
    ratio("balking_rate", "balking", "left on learning that nobody is free / offered", count(Count.BALKED), _offered,
          better="low"),
    ratio("blocking_rate", "blocking", "blocked / attempted", count(Count.BLOCKED), count(*ATTEMPTED), better="low"),
    ratio("deflection_rate", "deflected", "took what was offered in the queue instead of an agent / offered",
          count(Count.DEFLECTED), count(*OFFERED), better=None),
    ratio("containment_rate", "containment", "contained in the IVR / entered", count(Count.CONTAINED), count(*ENTERED),
          better=None),
    ratio("no_answer_rate", "no answer", "calls that rang in vain / (those + answered live), each as often as it rang",
          count(Count.RANG_IN_VAIN), count(Count.RANG_IN_VAIN, Count.ANSWERED), better="low"),
)  # fmt: skip
HANDLING = (
    ratio("aht", "average handle time", "(talk + wrap-up) / answered", count(Count.TALK, Count.WRAP_UP), _answered,
          better=None, unit="s", scale=_SECONDS),
    ratio("mean_talk", "mean talk", "talk / answered", count(Count.TALK), _answered, better=None, unit="s",
          scale=_SECONDS),
)  # fmt: skip
