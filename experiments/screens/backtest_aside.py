"""Aside: the figures by which a backtest is judged, without and with the days that the rule sets aside."""

from __future__ import annotations

from collections.abc import Mapping

from experiments.backtest import Backtest, Rung
from experiments.screens.backtest_words import plus_minus, points
from experiments.screens.present import NOTHING, interval_word, percent, wrapped
from experiments.statistics import Estimate

NONE_ASIDE = "no tested day is set aside"


def aside_rows(found: Backtest) -> list[tuple[str, str, str, str, str]]:
    """Title; forecast without and with; given without and with. Empty where no days that are set aside were tested."""
    if found.wider is None:
        return []
    word = interval_word(float(found.fit.scenario.calendar.interval))
    columns = [_figures(rungs[name], word) for name in ("forecast", "given") for rungs in (found.rungs, found.wider.rungs)]
    return [(title, *(column[title] for column in columns)) for title in columns[0]]  # type: ignore[misc]  # four columns


def aside_lines(found: Backtest) -> list[str]:
    """The rows as a table of at most 100 columns; nothing where it was not asked for."""
    if not found.asked.with_set_aside:
        return []
    if found.wider is None:
        return wrapped("set aside", NONE_ASIDE)
    title = _title(found)
    lines = [f"{'':<36}{'forecast':>15}{'':>15}{'given':>15}", f"{title:<36}" + f"{'without':>15}{'with':>15}" * 2]
    lines += [f"{name:<36}" + "".join(f"{cell:>15}" for cell in cells) for name, *cells in aside_rows(found)]
    return [*(line.rstrip() for line in lines), ""]


def aside_sentence(found: Backtest) -> str:
    """What changes most, in words, for the card; empty where it was not asked for."""
    if found.wider is None:
        return f"{NONE_ASIDE}." if found.asked.with_set_aside else ""
    sides = []
    for name in ("forecast", "given"):
        without, beside = found.rungs[name], found.wider.rungs[name]
        rates = [points(one.days["answer_rate"].error.value) for one in (beside, without)]
        held = [percent(one.intervals["answered"].inside[0.8].value, 0) for one in (beside, without)]
        asa = [percent(one.days["asa"].relative, 0) for one in (beside, without) if "asa" in one.days]
        waits = f", its ASA by {asa[0]} ({asa[1]})" if asa else ""
        rate = f"a day's answer rate is off by {rates[0]} points ({rates[1]})"
        sides.append(f"{name}: {rate}{waits}, 80 % bands hold {held[0]} ({held[1]})")
    return f"{_title(found).capitalize()}, in brackets without: {'; '.join(sides)}."


def _title(found: Backtest) -> str:
    number = len(found.wider.days) if found.wider is not None else 0
    return f"with the {number} days set aside" if number > 1 else "with the day set aside"


def _figures(rung: Rung, word: str) -> Mapping[str, str]:
    days, gain = rung.days, rung.beside.gain
    asa = days.get("asa")
    figures = {"answer rate of a day, error": f"{_wide(days['answer_rate'].error)} pts"}
    if "abandonment_rate" in days:
        lost = days["abandonment_rate"]
        figures["abandoned of days, correlation"] = f"{lost.correlation:.3f}" if lost.correlation == lost.correlation else NOTHING
        figures["abandoned of a day, gap"] = f"{_wide(lost.bias, '+')} pts"
    if asa is not None:
        figures["ASA of days, relative error"] = percent(asa.relative, 0)
    held = rung.intervals["answered"].inside[0.8]
    figures["80 % bands of calls answered hold"] = f"{_wide(held)} %"
    figures[f"{word}'s error over Erlang A's"] = plus_minus(gain.value, gain.half_width, 2)
    return figures


def _wide(one: Estimate, sign: str = "") -> str:
    return plus_minus(one.value * 100, one.half_width * 100, 1, sign) if one.value == one.value else points(one.value)
