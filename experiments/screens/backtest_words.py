"""Words of a backtest: what was told of the tested days, what the figures say it is good for, and where it is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.backtest import Backtest, Rung
from experiments.backtest_days import BEFORE
from experiments.backtest_misfit import FAR, LEAST, MOSTLY, FarDay, Misfit
from experiments.backtest_scores import Score
from experiments.screens.present import an, interval_word, percent

STEPS = {
    "forecast": "nothing: the forecast",
    "calls": "its calls",
    "staffing": "who was there",
    "handle_times": "its handle times",
    "patience": "its patience",
    "calls_staffing": "its calls, who was there",
    "given": "and its handle times: given",
    "replayed": "and its patience: told again",
}
_TOLD = {
    "forecast": "told nothing of the tested day: calls, handle times and patience are drawn as the fitted days were, staffing "
    "is {}",
    "given": "told who was there and which calls came when, with their handle times (of an interval report: how many came in "
    "each interval, and the day's AHT); patience is drawn as on the fitted days",
}
BIAS, ERROR = 0.02, 0.03  # of a day's answer rate: what is more is not usable for day totals
_NAMED = 6  # times of the day in a verdict
HOLDS = (0.75, 0.85)  # of 80 % bands of calls answered in an interval


def verdict(found: Backtest) -> list[str]:
    """Sentences: what the model can be used for and what not, as a forecast first."""
    word = interval_word(float(found.fit.scenario.calendar.interval))
    return [_of_forecast(found.forecast, word), _of_given(found.given, word)]


def told(found: Backtest, name: str) -> str:
    """What is told of the tested days on a step of the ladder."""
    return _TOLD[name].format(staffing_words(found))


def staffing_words(found: Backtest) -> str:
    """What the forecast's staffing is."""
    near = f"nearest {BEFORE} other days" if found.split.others else f"last {BEFORE} days"
    return f"the mean of its weekday's {near}"


def day_totals_hold(rung: Rung) -> bool:
    """Whether the day's answer rate is near: its bias within 2 points, its mean absolute error within 3."""
    day = rung.days["answer_rate"]
    return abs(day.bias.value) <= BIAS and day.error.value <= ERROR


def intervals_hold(rung: Rung) -> bool:
    """Whether 80 % bands of calls answered in an interval hold 75 to 85 % of the recorded ones."""
    return HOLDS[0] <= rung.intervals["answered"].inside[0.8].value <= HOLDS[1]


def _of_given(rung: Rung, word: str) -> str:
    off = f"a day's answer rate is off by {points(rung.days['answer_rate'].error.value)} points in the mean, "
    off += f"{an(word)}'s by {points(rung.intervals['answer_rate'].error.value)}"
    if day_totals_hold(rung) and intervals_hold(rung):
        good = f"usable for what a change would have done on a day whose calls and staffing are known: day totals and {word}s"
        return f"{good}{_but(rung.misfits)} ({off})"
    if day_totals_hold(rung):
        return f"usable for day totals where calls and staffing are known ({off}); 80 % bands of {word}s are {_bands(rung)}"
    return f"not usable for day totals even where calls and staffing are known: {off}"


def _of_forecast(rung: Rung, word: str) -> str:
    error = points(rung.days["answer_rate"].error.value)
    if day_totals_hold(rung):
        return f"usable as a forecast of a day's answer rate (off by {error} points in the mean){_but(rung.misfits)}"
    return (
        f"as a forecast, not usable for the answer rate of a single day, which is off by {error} points in the mean; its 80 % "
        f"bands of calls answered in {an(word)} are {_bands(rung)}"
    )


def _bands(rung: Rung) -> str:
    """``too narrow: they hold 72 %``."""
    held = rung.intervals["answered"].inside[0.8].value
    how = "right" if intervals_hold(rung) else "too narrow" if held < HOLDS[0] else "too wide"
    return f"{how}: they hold {percent(held, 0)}"


def _but(misfits: Sequence[Misfit]) -> str:
    high = [one.name for one in misfits if one.gap > 0]
    low = [one.name for one in misfits if one.gap < 0]
    parts = [f"take {_some(names)} as {how}" for names, how in ((low, "pessimistic"), (high, "optimistic")) if names]
    return f"; {' and '.join(parts)}" if parts else ""


def _some(names: Sequence[str]) -> str:
    """The first few times of the day; all of them are listed as misfits."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def misfit_line(one: Misfit) -> str:
    """``18:00-19:30 simulated 4.1 points too low, on 5 of 6 days (chance 21.9 %)``."""
    side = "high" if one.gap > 0 else "low"
    luck = "<0.1 %" if one.by_chance < 0.001 else percent(one.by_chance, 1)
    return f"{one.name} simulated {points(abs(one.gap))} points too {side}, on {one.days} of {one.of} days (chance {luck})"


def far_line(one: FarDay) -> str:
    """``1999-05-17 simulated 76.2 %, was 83.9 %``."""
    return f"{one.day} simulated {percent(one.simulated)}, was {percent(one.recorded)}"


def misfit_rule(interval: float) -> str:
    """What is listed as a misfit."""
    return (
        f"misfit: {interval_word(interval)}s, or call types, whose answer rate is {points(LEAST)} points or more off over all "
        f"days, and on one side on {percent(MOSTLY, 0)} of the days; chance: how probable so many on one side are by a "
        f"two-sided sign test; far: days off by {points(FAR)} points or more"
    )


def points(share: float) -> str:
    """``0.0123`` as ``1.2``."""
    return f"{share * 100:.1f}" if share == share else "-"


def beside_line(rung: Rung, word: str) -> str:
    """How much nearer than Erlang A."""
    gain, a = rung.beside.gain, rung.beside.a_interval
    return (
        f"{an(word)}'s answer rate is off by {points(rung.intervals['answer_rate'].error.value)} points, Erlang A's by "
        f"{points(a.error.value)}: {plus_minus(gain.value, gain.half_width, 2)} of it"
    )


def plus_minus(value: float, width: float, digits: int, sign: str = "") -> str:
    """``1.0 ±0.4``; ``1.0 ±?`` where nothing says how sure it is."""
    return f"{value:{sign}.{digits}f} ±" + (f"{width:.{digits}f}" if width == width else "?")


def unit(one: Score) -> tuple[float, str, int]:
    """Scale, suffix and digits in which a score is shown."""
    if one.name in ("answer_rate", "abandonment_rate", "service_level"):
        return 100.0, " %", 1
    if one.name in ("asa", "wait_p50", "wait_p90"):
        return 1.0, " s", 1
    return 1.0, "", 0 if one.recorded >= 100 else 1


def middling_day(found: Backtest) -> int:
    """The tested day, by its place, whose forecast is off by as much as that of half of them: the one to be shown."""
    off = [abs(pair.simulated - pair.recorded) for pair in found.forecast.rates]
    return sorted(range(len(off)), key=lambda at: off[at])[(len(off) - 1) // 2]
