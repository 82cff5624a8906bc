"""Forms: which law durations have, by the likelihood of whole days that were held back."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calibrate.binned import LAWS, SHORT, Binned, Fitted, binned, distribution, fit, shares_of_bins
from sim.calibrate.durations import Law, in_steps, law_of, rounded
from sim.calibrate.talk_hours import folds

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

STEPS = "steps"
_FEW_DAYS = 5
_FEW = 100  # observations, below which days held back have too few
_LEAST_SHORT = 0.005  # share of short services from which they are a class of their own
_LONG_ENOUGH = 3.0  # times SHORT, from which mean on a service can be short
_TAILS = (0.95, 0.9975)  # beyond which the longest calls must last as long as by the law
_GRID = 400  # points of a tail
_SIGMAS = 2.0
_STRETCHED = 1.1  # times the observed, from which on calls that are too long matter: of many calls a second more is seen


class Form(NamedTuple):
    """word : one of LAWS or STEPS; short : whether short services are a class of their own

    over : the form that was next; gain : by how much more likely a duration of days held back is than by it, as a logarithm,
    in the mean, with its standard `error` over days. lost : a likelier form that was left out, for its longest calls
    are not those observed. share, mean : of the short services, in seconds: those below SHORT that the law of the rest does not
    explain, or with STEPS all of them
    """

    word: str
    short: bool = False
    over: str = ""
    gain: float = float("nan")
    error: float = float("nan")
    lost: str = ""
    share: float = 0.0
    mean: float = 0.0

    @property
    def name(self) -> str:
        """In words."""
        return f"{self.word} with short services apart" if self.short else self.word


def chosen_form(seconds: Floats, day: Ints, ordinals: Ints, *, may_be_short: bool) -> Form | None:
    """The form of durations, in order of size; None where days or durations are too few to hold some back.

    day : int64, of each its place in `ordinals`; may_be_short : whether those below SHORT may be a class of their own

    Simplest first: an exponential; laws of mean and shape; these with short services apart; the observed in steps. A richer one
    must be better by more than its standard error on the days held back; of laws as rich as each other the best counts. A law
    whose longest calls last less than the observed, or longer, is none (`loses_a_tail`).
    """
    if len(ordinals) < _FEW_DAYS or len(seconds) < _FEW or not seconds[-1] > seconds[0] or seconds.mean() <= 0:
        return None
    counts, fold = binned(seconds, day, len(ordinals)), folds(ordinals)
    whole = counts.number.sum(axis=0), counts.total.sum(axis=0)
    apart = may_be_short and seconds.mean() >= _LONG_ENOUGH * SHORT
    ladder: list[list[tuple[str, bool]]] = [[(LAWS[0], False)], [(word, False) for word in LAWS[1:]]]
    ladder += [[(LAWS[0], True)], [(word, True) for word in LAWS[1:]]] if apart else []
    likely: dict[tuple[str, bool], Floats] = {}
    fits: dict[tuple[str, bool], Fitted] = {}
    for word, short in (one for step in ladder for one in step):
        made = fit(word, counts.edges, *whole, short=short)
        if made is None or (short and made.share < _LEAST_SHORT):
            continue
        scored = _likelihood(word, short, counts, fold, made.shape)
        if scored is not None:
            fits[word, short], likely[word, short] = made, scored
    distinct = _distinct(likely, ladder, counts)
    likely[STEPS, distinct] = _of_steps(counts, fold)
    allowed = [key for key in fits if not loses_a_tail(fits[key], seconds)]
    order = [[one for one in step if one in allowed] for step in ladder] + [[(STEPS, distinct)]]
    best, before = _climb([step for step in order if step], likely, counts)
    other = before if before is not None else max((key for key in likely if key != best), key=lambda key: likely[key].sum())
    gain, error = _gain(likely[best] - likely[other], counts)
    likeliest = max(likely, key=lambda key: likely[key].sum())
    lost = Form(*likeliest).name if likeliest in fits and likeliest not in allowed else ""
    found = Form(best[0], best[1], Form(*other).name, gain, error, lost)
    return _with_short(found, fits.get(best), counts)


def _climb(
    order: list[list[tuple[str, bool]]], likely: dict[tuple[str, bool], Floats], counts: Binned
) -> tuple[tuple[str, bool], tuple[str, bool] | None]:
    """The form that wins, and the one that it was last set against."""
    best: tuple[str, bool] | None = None
    before = None
    for step in order:
        rich = max(step, key=lambda key: likely[key].sum())
        if best is None:
            best = rich
            continue
        gain, error = _gain(likely[rich] - likely[best], counts)
        if gain > error:
            best, before = rich, best
        elif before is None:
            before = rich
    assert best is not None
    return best, before


def _distinct(likely: dict[tuple[str, bool], Floats], ladder: list[list[tuple[str, bool]]], counts: Binned) -> bool:
    """Whether with short services apart some law is better than the best without, by more than its standard error."""
    plain = [likely[key] for step in ladder for key in step if not key[1] and key in likely]
    apart = [likely[key] for step in ladder for key in step if key[1] and key in likely]
    if not apart:
        return False
    gain, error = _gain(max(apart, key=np.sum) - max(plain, key=np.sum), counts)
    return gain > error


def _gain(by_day: Floats, counts: Binned) -> tuple[float, float]:
    """Mean per duration and its standard error over days."""
    number = counts.number.sum()
    return float(by_day.sum() / number), float(by_day.std(ddof=1) * np.sqrt(len(by_day)) / number)


def _scored(shares: Floats, number: Floats, known: float) -> Floats:
    """Logarithms of the likelihood of days, shape (days,); each bin has half of an observation more, so none has nothing."""
    bins = len(shares)
    smooth = (shares * known + 0.5) / (known + 0.5 * bins)
    return np.asarray(number @ np.log(smooth), np.float64)


def _likelihood(word: str, short: bool, counts: Binned, fold: Ints, near: float) -> Floats | None:
    """Of each day by the law that the days of the other folds give; None where they give none."""
    found = np.zeros(len(fold))
    for held in np.unique(fold):
        out = fold == held
        number, total = counts.number[~out].sum(axis=0), counts.total[~out].sum(axis=0)
        made = fit(word, counts.edges, number, total, short=short, near=near)
        if made is None:
            return None
        found[out] = _scored(shares_of_bins(made, counts.edges), counts.number[out], float(number.sum()))
    return found


def _of_steps(counts: Binned, fold: Ints) -> Floats:
    """As `_likelihood`, by the observed: as many in each bin as on the days of the other folds.

    Not by the steps that are written: these begin at the mean of their first and end at that of their last, which leaves bins
    on both sides of SHORT empty that a law with short services apart fills as observed.
    """
    found = np.zeros(len(fold))
    for held in np.unique(fold):
        out = fold == held
        number = counts.number[~out].sum(axis=0)
        found[out] = _scored(number / number.sum(), counts.number[out], float(number.sum()))
    return found


def loses_a_tail(fitted: Fitted, seconds: Floats) -> bool:
    """Whether the longest twentieth, or the longest in 400, of observed durations (in order) lasts longer in the mean than by the
    law, by more than two standard errors. These are by the law: by what is observed, one call of seven hours would excuse itself.
    Or whether the law's last longer than the observed, by a tenth and more than two of their standard errors: a lognormal through
    the body of two exponentials has one and a half times their cv.

    The mean of the n longest, a share a of all, has the variance (that of the law beyond its quantile + (1 - a) (mean beyond it -
    the quantile)^2) / n (Stigler 1973, "The asymptotic distribution of the trimmed mean").
    """
    from scipy.optimize import brentq

    law = shares_beyond(fitted)
    for level in _TAILS:
        longest = seconds[math.ceil(level * len(seconds)) :]
        if len(longest) < 5:
            continue
        # with P(X > x) = a the longest have the mean x + integral of P(X > y) from x on / a; of squares, of 2 y P(X > y)
        a = 1.0 - level
        start = brentq(lambda x, a=a: law(np.array([x]))[0] - a, 0.0, 1e7)
        ends = start + np.concatenate([[0.0], np.geomspace(start * 1e-3 + 1e-3, start * 200 + 1.0, _GRID)])
        beyond = law(ends)
        by_law = start + _area(beyond, ends) / a
        variance = start**2 + _area(2.0 * ends * beyond, ends) / a - by_law**2 + level * (by_law - start) ** 2
        if longest.mean() > by_law + _SIGMAS * math.sqrt(max(variance, 0.0) / len(longest)):
            return True
        if by_law > max(longest.mean() + _SIGMAS * _error(longest, level), _STRETCHED * longest.mean()):
            return True
    return False


def _error(longest: Floats, level: float) -> float:
    """The standard error of the mean of the longest observed, as in `loses_a_tail`, by what is observed."""
    beyond = float(longest.mean())
    return math.sqrt((float(longest.var(ddof=1)) + level * (beyond - float(longest[0])) ** 2) / len(longest))


def _area(heights: Floats, ends: Floats) -> float:
    return float(((heights[1:] + heights[:-1]) / 2 * np.diff(ends)).sum())


def shares_beyond(fitted: Fitted) -> Any:
    """P(X > x) for x at SHORT or beyond."""
    law = distribution(fitted.word, fitted.mean, fitted.shape)
    return lambda x: (1.0 - fitted.share) * (1.0 - law(x))


def law_in(
    form: Form, seconds: Floats, day: Ints, counts: Binned, row: Ints, near: float | None = None
) -> tuple[Law, float | None]:
    """The law of durations in that form; and its shape, where it has one.

    seconds, day : in order of size; counts : the same in bins; row : int64, shape (days,), how often a day counts; near : a shape
    that this one is near. Where the form cannot be had (no short services among them) it is the observed in steps.
    """
    number, total = row @ counts.number, row @ counts.total
    made = None if form.word == STEPS else fit(form.word, counts.edges, number, total, short=form.short, near=near)
    if made is None:
        return in_steps(seconds, row[day], len(seconds), SHORT if form.short and form.word == STEPS else None), None
    if made.share == 0.0:
        return _table(made.word, made.mean, made.shape), made.shape
    there = np.flatnonzero(made.excess > 0)
    values = [rounded(float(total[at] / number[at])) for at in there]
    weights = [round(float(made.excess[at] / made.excess.sum()), 4) for at in there]
    share = round(made.share, 6)
    short = {"empirical": {"values": values, "weights": weights}}
    of_short = float(np.average(values, weights=weights))
    rest = (float(total.sum() / number.sum()) - share * of_short) / (1.0 - share)
    parts = [{"share": share, "of": short}, {"share": round(1.0 - share, 6), "of": _table(made.word, rest, made.shape)}]
    return {"mixture": {"parts": parts}}, made.shape


def _table(word: str, mean: float, shape: float) -> Law:
    given: dict[str, float] = {"mean": rounded(mean)}
    if word != LAWS[0]:
        given["shape" if word == "weibull" else "cv"] = round(shape, 3)
    return {word: given}


def _with_short(form: Form, fitted: Fitted | None, counts: Binned) -> Form:
    """The form with the share and the mean of its short services."""
    if not form.short:
        return form
    number, total = counts.number.sum(axis=0), counts.total.sum(axis=0)
    below = counts.edges[1:] <= SHORT
    weights = number * below if fitted is None else fitted.excess
    share = float(weights.sum() / number.sum()) if fitted is None else fitted.share
    means = np.divide(total, number, out=np.zeros_like(total), where=number > 0)
    return form._replace(share=share, mean=float(means @ weights / weights.sum()))


def first_law(seconds: Floats, day: Ints, ordinals: Ints, *, may_be_short: bool = False) -> tuple[Law, Form | None]:
    """The law of durations in any order and the form that was chosen; without one as `durations.law_of`."""
    order = np.argsort(seconds, kind="stable")
    seconds, day = seconds[order], day[order]
    form = chosen_form(seconds, day, ordinals, may_be_short=may_be_short)
    if form is None:
        return law_of(seconds), None
    counts = binned(seconds, day, len(ordinals))
    return law_in(form, seconds, day, counts, np.ones(len(ordinals), np.int64))[0], form


def form_words(form: Form) -> str:
    """What was chosen, how much better it is than the next, or how much likelier one that does not keep the longest calls."""
    text = form.word
    if form.short:
        text += f", short services apart ({100 * form.share:.1f} % of calls, {form.mean:.1f} s in the mean)"
    gain, half = f"{abs(form.gain):.3f}", f"±{1.96 * form.error:.3f}"
    why = "the longest calls would last less, or more, than they do"
    if form.lost == form.over and form.gain < 0:
        return f"{text}; {form.lost} would be {gain} {half} a call likelier on days held back, but {why}"
    sign = "-" if form.gain < 0 else ""
    text += f"; {sign}{gain} {half} a call likelier on days held back than {form.over}"
    return f"{text}; {form.lost} would be likelier, but {why}" if form.lost else text
