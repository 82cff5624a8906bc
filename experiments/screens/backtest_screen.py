"""Backtest screen: the answer first, then actual against simulated, Erlang beside, what the error is made of, misfits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from experiments.backtest import Backtest, Part, Rung
from experiments.backtest_scores import QUANTITIES, Score, inside_band
from experiments.screens.backtest_aside import aside_lines
from experiments.screens.backtest_words import (
    STEPS,
    beside_line,
    far_line,
    misfit_line,
    misfit_rule,
    plus_minus,
    points,
    staffing_words,
    unit,
    verdict,
)
from experiments.screens.present import NOTHING, an, count, days, interval_word, percent, weekday, wrapped
from experiments.statistics import Estimate
from sim.scenario.units import show_duration

TITLES = {one.name: one.title for one in QUANTITIES} | {"wait_p50": "wait, median", "wait_p90": "wait, 90 %"}
DAY = ("offered", "answer_rate", "abandonment_rate", "asa", "service_level", "wait_p50", "wait_p90", "mean_queue")
INTERVAL = ("offered", "answered", "answer_rate", "asa", "mean_queue")
_MOST = 6  # misfits and far days named on the screen; the document has all
_MOST_DAYS = 31


def backtest_lines(found: Backtest, *, read: Sequence[str]) -> list[str]:
    """Lines of at most 100 columns."""
    fit, word = found.fit, interval_word(float(found.fit.scenario.calendar.interval))
    fitted = f"{fit.days} days ({fit.name}), {found.split.fitted[0]} to {found.split.fitted[-1]}"
    aside = f"; set aside {len(fit.set_aside)}" if fit.set_aside else ""
    unseen = "each left out of its own fit" if found.split.others else "of which nothing was fitted"
    tested = f"{len(found.days)} days, {found.days[0]} to {found.days[-1]}, {unseen}; "
    lines = wrapped("read", f"{found.source}: {'; '.join(read)}")
    each = "; each tested day by a fit of all the others" if found.split.others else ""
    lines += wrapped("fitted", fitted + aside + each)
    lines += wrapped("tested", f"{tested}{found.asked.replications:,} simulated days each (seed {found.asked.seed})")
    lines += [line for text in left_out(found) for line in wrapped("left out", text)]
    lines += [line for text in verdict(found) for line in wrapped("verdict", text)]
    lines += ["", *_head("a day's")]
    lines += _rows(DAY, found.forecast.days, found.given.days)
    lines += _formulas(found, day=True)
    cases = found.given.intervals["offered"].cases
    lines += ["", f"{an(word)}'s ({cases:,} with calls)"]
    lines += _rows(INTERVAL, found.forecast.intervals, found.given.intervals)
    lines += [*_formulas(found, day=False), ""]
    lines += wrapped("bands", _bands(found, word))
    for rung in (found.forecast, found.given):
        lines += wrapped("Erlang A" if rung is found.forecast else "", f"{rung.name}: {beside_line(rung, word)}")
    silent, of = found.forecast.beside.no_answer
    lines += wrapped("Erlang C", f"says 100 % by assumption, and has no wait for {silent} of {of} {word}s (load not below heads)")
    lines += ["", *_ladder(found, word), "", *aside_lines(found), *_days(found)]
    for rung in (found.given, found.forecast):
        lines += _misfits(rung)
    assumed = [f"{path}: {one.note}" for path, one in fit.scenario.sources.items() if one.status == "assumed"]
    if assumed:
        lines += wrapped("assumed", "; ".join(assumed))
    lines += wrapped("read as", definitions(found))
    lines += wrapped("", misfit_rule(float(fit.scenario.calendar.interval)))
    return lines


_DEFINITIONS = (
    "forecast: nothing of the day is told, staffing is {staffing}; given: told its calls with their "
    "handle times and who was there, patience drawn; gap: simulated less actual, ± 95 % over days; error: mean absolute gap; "
    "in 80 %: how often the record is in the band that 8 simulated days in 10 are in; of it: mean of the error over the day's "
    "ASA; correlation: of the days, recorded with simulated; service level: answered within {within} / offered; ASA: wait of "
    "the answered / answered; calls count at their {credit}, in the fitted hours; Erlang A and C: told the same, interval by "
    "interval, one pool, patience exponential"
)


def definitions(found: Backtest) -> str:
    """What the figures mean."""
    asked = found.asked
    return _DEFINITIONS.format(within=show_duration(asked.within), credit=asked.credit, staffing=staffing_words(found))


def left_out(found: Backtest) -> list[str]:
    """Tested days that were not simulated, and why."""
    notes = [f"{one.day}: {one.calls:,} calls, {one.why}" for one in found.chosen.set_aside]
    if found.chosen.other:
        notes.append(f"{len(found.chosen.other)} days of weekdays other than {found.fit.name}; name them with --test")
    return notes


def _head(what: str) -> list[str]:
    group = f"{'simulated':>10}{'gap':>12}{'error':>7}{'in 80 %':>8}"
    return [f"{'':<26}{'forecast':>10}{'':<27}{'given who was there':>19}", f"{what:<17}{'actual':>9}{group}{group}"]


def _rows(names: Sequence[str], forecast: Mapping[str, Score], given: Mapping[str, Score]) -> list[str]:
    return [_row(TITLES[name], forecast[name], given[name]) for name in names if name in given]


def _row(title: str, forecast: Score, given: Score) -> str:
    scale, suffix, digits = unit(given)
    real = count(given.recorded * scale, digits) + suffix
    return f"{title:<17}{real:>9}{_cells(forecast)}{_cells(given)}"


def _cells(one: Score) -> str:
    again, gap, error, inside = cells_of(one)
    return f"{again:>10}{gap:>12}{error:>7}{inside:>8}"


def cells_of(one: Score) -> tuple[str, str, str, str]:
    """Simulated, gap, error and how often in the 80 % band, in the measure's unit."""
    scale, suffix, digits = unit(one)
    inside = percent(one.inside[0.8].value, 0) if one.inside and one.error.value > 0 else "-"
    error = count(one.error.value * scale, digits)
    return count(one.simulated * scale, digits) + suffix, _gap(one.bias, scale, digits), error, inside


def _gap(bias: Estimate, scale: float, digits: int) -> str:
    if bias.value != bias.value:
        return NOTHING
    return plus_minus(bias.value * scale, bias.half_width * scale, digits, "+")


def _formulas(found: Backtest, *, day: bool) -> list[str]:
    sides = [found.forecast.beside, found.given.beside]
    lines = [f"{'  Erlang A':<26}" + "".join(_cells(one.a_day if day else one.a_interval) for one in sides)]
    lines.append(f"{'  Erlang C':<26}" + "".join(_cells(one.c_day if day else one.c_interval) for one in sides))
    if day:
        lines.append(f"{'  Erlang A, ASA':<26}" + "".join(_cells(one.a_asa) for one in sides))
    return [line.rstrip() for line in lines]


def _bands(found: Backtest, word: str) -> str:
    parts = []
    for rung in (found.forecast, found.given):
        inside = rung.intervals["answered"].inside
        held = ", ".join(
            f"{level * 100:g} %: {plus_minus(one.value * 100, one.half_width * 100, 1)} %" for level, one in inside.items()
        )
        parts.append(f"{rung.name} {held}")
    return f"hold of calls answered in {an(word)}: {'; '.join(parts)}"


def _ladder(found: Backtest, word: str) -> list[str]:
    lines = [
        f"{'what the error is made of':<28}{'error of the answer rate':>25}{'error of the ASA':>22}"
        f"{'abandoned:':>13}{'80 % band':>10}",
        f"{'told of the day':<28}{word:>13}{'day':>12}{'day':>15}{'of it':>7}{'correlation':>13}{'holds':>10}",
    ]
    for one in found.parts:
        cells = f"{width(one.interval, 100):>13}{width(one.day, 100):>12}{width(one.asa, 1) + ' s':>15}"
        rest = f"{percent(one.asa_relative, 0):>7}{correlation(one):>13}{percent(one.inside.value, 0):>10}"
        lines.append(f"{STEPS[one.name]:<28}{cells}{rest}")
    return lines


def width(one: Estimate, scale: float) -> str:
    """``1.0 ±0.4``."""
    return NOTHING if one.value != one.value else plus_minus(one.value * scale, one.half_width * scale, 1)


def correlation(one: Part) -> str:
    """``0.982``."""
    return f"{one.correlation:.3f}" if one.correlation == one.correlation else NOTHING


def _days(found: Backtest) -> list[str]:
    """A line per tested day, where they are few enough for a screen."""
    if len(found.days) > _MOST_DAYS:
        return []
    group = f"{'simulated':>11}{'gap':>7}{'in 80 %':>9}"
    lines = [f"{'answer rate':<15}{'actual':>8}{group}{'Erlang A':>10}   {group}{'Erlang A':>10}"]
    sides = [found.forecast, found.given]
    for at, day in enumerate(found.days):
        cells = []
        for rung in sides:
            pair = rung.rates[at]
            gap = (pair.simulated - pair.recorded) * 100
            inside = "yes" if inside_band(pair, 0.8) >= 0.5 else "no"
            a = percent(rung.beside.a_rates[at])
            cells.append(f"{percent(pair.simulated):>11}{gap:>+7.1f}{inside:>9}{a:>10}")
        name = f"{day.isoformat()} {weekday(day)[:3]}"
        lines.append(f"{name:<15}{percent(sides[0].rates[at].recorded):>8}{cells[0]}   {cells[1]}")
    return [*lines, ""]


def _misfits(rung: Rung) -> list[str]:
    texts = [misfit_line(one) for one in rung.misfits]
    left = len(texts) - _MOST
    shown = texts[:_MOST] + ([f"and {left} more {'time' if left == 1 else 'times'} of the day"] if left > 0 else [])
    lines = [line for text in shown or ["no time of the day"] for line in wrapped(f"misfit, {rung.name}", text)]
    lines += [line for one in rung.types for line in wrapped("", f"call type {misfit_line(one)}")]
    if rung.far:
        named = "; ".join(far_line(one) for one in rung.far[:_MOST])
        off = f"{days(len(rung.far))} {'is' if len(rung.far) == 1 else 'are'} off by"
        more = f"; and {len(rung.far) - _MOST} more" if len(rung.far) > _MOST else ""
        lines += wrapped("", f"{off} {points(0.05)} points or more: {named}{more}")
    return lines
