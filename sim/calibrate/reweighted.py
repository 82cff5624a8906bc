"""Reweighted: an estimate once more for every set of days drawn again, from observations that are sorted once.

A day that is drawn twice counts twice, one that is not drawn not at all; with every day drawn once the estimate is that of
`durations`. What form a law has is settled by the data as they are, and stays.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calibrate.binned import binned
from sim.calibrate.durations import Law, parts_of, rounded, stepped, survival_law
from sim.calibrate.forms import Form, law_in

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_NO_TIMES = {"cv", "shape", "share", "weights"}  # in the table of a law of durations


class Observed(NamedTuple):
    """Durations in order of size: seconds, float64; day : int64, of each its day's column in the weights."""

    seconds: Floats
    day: Ints


def observed(seconds: Floats, day: Ints) -> Observed:
    """Durations put in order."""
    order = np.argsort(seconds, kind="stable")
    return Observed(seconds[order], day[order])


def laws(given: Law, seen: Observed, weights: Ints, form: Form | None = None) -> list[Law]:
    """The distribution of durations in each set, in the form of the `given` one; weights: int64, shape (sets, days).

    A set without any of the durations has the given law. form : that was chosen on days held back
    """
    if form is not None:
        counts = binned(seen.seconds, seen.day, weights.shape[1])
        _, shape = law_in(form, *seen, counts, np.ones(weights.shape[1], np.int64))
        there = weights @ counts.total.sum(axis=1) > 0
        return [law_in(form, *seen, counts, row, shape)[0] if some else given for row, some in zip(weights, there, strict=True)]
    many, total, squares = (_by_day(values, seen.day, weights) for values in (None, seen.seconds, seen.seconds**2))
    word = next(iter(given)) if isinstance(given, dict) else ""
    found: list[Law] = []
    for at in range(len(weights)):
        mean = total[at] / many[at] if many[at] else 0.0
        if not many[at] or mean <= 0:
            found.append(given)
        elif word == "lognormal":
            cv = float(np.sqrt(max(squares[at] / many[at] - mean * mean, 0.0)) / mean)
            found.append({"lognormal": {"mean": rounded(mean), "cv": round(cv, 3)}})
        elif word in ("empirical", "mixture"):
            found.append(stepped(seen.seconds, weights[at][seen.day], parts_of(len(seen.seconds))))
        else:
            found.append({word: {"mean": rounded(mean)}} if word else rounded(mean))
    return found


def stretched(given: list[Law], factors: Floats) -> list[Law]:
    """The laws with all times longer by a factor each; shape (sets,). One that is 1 leaves its law as it is."""
    return [law if factor == 1.0 else _longer(law, float(factor)) for law, factor in zip(given, factors, strict=True)]


def _longer(law: Law, factor: float) -> Law:
    if isinstance(law, dict):
        return {key: part if key in _NO_TIMES else _longer(part, factor) for key, part in law.items()}
    if isinstance(law, list):
        return [_longer(part, factor) for part in law]
    return rounded(law * factor)


def patiences(given: Law, waits: Floats, left: Bools, day: Ints, weights: Ints) -> list[Law]:
    """The law of patience in each set, in the form of the `given` one, from waits as `patience_of` takes them."""
    if given == "never":
        return [given] * len(weights)
    order = np.argsort(waits, kind="stable")
    order = order[waits[order] > 0]
    waits, left, day = waits[order], left[order], day[order]
    gone, total = (_by_day(values, day, weights) for values in (left.astype(np.float64), waits))
    starts = np.flatnonzero(np.diff(waits, prepend=-1.0) > 0)
    found: list[Law] = []
    for at, row in enumerate(weights):
        law: Law | None = None
        if gone[at] and "survival" in given:
            law = _survival(waits, left, row[day], starts)
        if law is None:
            law = {"exponential": {"mean": rounded(float(total[at] / gone[at]))}} if gone[at] else given
        found.append(law)
    return found


def _survival(waits: Floats, left: Bools, each: Ints, starts: Ints) -> Law | None:
    """Kaplan and Meier's curve of waits in order, each of which counts so often; `starts` : where a new wait begins."""
    here, gone = np.add.reduceat(each, starts), np.add.reduceat(each * left, starts)
    risk = int(each.sum()) - np.cumsum(here) + here
    there = here > 0
    after, risk, gone = waits[starts][there], risk[there], gone[there]
    return survival_law(after, np.cumprod((risk - gone) / risk), risk, waits, left, each)


def shares(counts: Ints, whole: Ints, weights: Ints) -> list[float]:
    """counts / whole in each set, both by day."""
    above, below = weights @ counts, weights @ whole
    return [round(float(part / max(int(of), 1)), 4) for part, of in zip(above, below, strict=True)]


def means(seen: Observed, weights: Ints) -> Floats:
    """The mean duration in each set; 0 where there is none."""
    many, total = (_by_day(values, seen.day, weights) for values in (None, seen.seconds))
    found: Floats = total / np.maximum(many, 1)
    return found


def _by_day(values: Floats | None, day: Ints, weights: Ints) -> Floats:
    """The sum of values, or their number, in each set: float64, shape (sets,)."""
    of_day = np.asarray(np.bincount(day, values, minlength=weights.shape[1]), np.float64)
    found: Floats = weights @ of_day
    return found

