"""Model card: one printed page that says what a model is good for, what it rests on and where it is wrong, the forecast first.

What the page has no room for follows on the screen, folded away, and is not printed; how much there is of it hangs on the data.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.backtest import Backtest, Rung
from experiments.backtest_misfit import FAR
from experiments.backtest_scores import Score
from experiments.screens.backtest_aside import aside_sentence
from experiments.screens.backtest_screen import (
    DAY,
    INTERVAL,
    TITLES,
    cells_of,
    correlation,
    definitions,
    left_out,
    width,
)
from experiments.screens.backtest_words import (
    STEPS,
    beside_line,
    far_line,
    middling_day,
    misfit_line,
    misfit_rule,
    points,
    unit,
    verdict,
)
from experiments.screens.calibration_screen import type_cells
from experiments.screens.present import an, count, interval_word, percent, weekday
from experiments.screens.varying import swing
from sim.scenario.units import show_clock

_FAR = 5  # days named
# of the printed page: rows of the table that decide, and how many of each list there is room for
_DAY = ("offered", "answer_rate", "asa", "service_level")
_INTERVAL = ("answered", "answer_rate")
_WORST, _TYPES, _NAME, _ASSUMED, _DAYS, _NOTES = 2, 5, 24, 3, 3, 2
_SOURCE, _LINE, _LINES = 50, 110, 170  # letters of a line of the page, and of two or three in a column
_STATUS = ("assumed", "given", "measured")  # what nobody knows first


def model_card(found: Backtest, *, read: Sequence[str], chart: str) -> str:
    """The page as HTML, with nothing loaded from elsewhere. `chart` : SVG of our own; all other text is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return pages.get_template("model_card.html").render(_content(found, read) | {"chart": Markup(chart)})


def _content(found: Backtest, read: Sequence[str]) -> dict[str, Any]:
    fit = found.fit
    length = float(fit.scenario.calendar.interval)
    word, sides = interval_word(length), (found.forecast, found.given)
    split, asked = found.split, found.asked
    fitted = f"fitted on {fit.days} days ({fit.name}), {split.fitted[0]} to {split.fitted[-1]}"
    how = "of them, each by a fit of all the others" if split.others else "others"
    tested = f"tested on {len(found.days)} {how}, {found.days[0]} to {found.days[-1]}"
    day = weekday(found.days[middling_day(found)])
    return {
        "title": f"{short(found.source, _SOURCE)}, {fit.name}",
        "dates": f"{fitted}; {tested}; {asked.replications:,} simulated days each, seed {asked.seed}",
        "verdict": [text[0].upper() + text[1:] + "." for text in verdict(found)],
        "tested": f"{len(found.days)} days that were not fitted",
        "rows": [
            *_rows(DAY, "day", [one.days for one in sides]),
            *_rows(INTERVAL, word, [one.intervals for one in sides]),
            *_formulas(sides, word),
        ],
        "definitions": definitions(found),
        "beside": "; ".join(f"{one.name}: {beside_line(one, word)}" for one in sides) + ".",
        "caption": f"Calls answered by {word} on {day}, of middling forecast error; band: 8 simulated days in 10; dots: "
        "other tested days.",
        "word": word,
        "parts": [
            (
                STEPS[one.name], f"{width(one.interval, 100)} points", f"{width(one.day, 100)} points",
                f"{width(one.asa, 1)} s", percent(one.asa_relative, 0), correlation(one), percent(one.inside.value, 0),
            )
            for one in found.parts
        ],
        "misfits": [line for one in sides for line in _misfits(one)],
        "rule": misfit_rule(length),
        "about": _about(found, read),
        "types": type_cells(fit),
        "page": _page(found, read, word),
        "aside": aside_sentence(found),
        "sources": sorted(
            ((one.status, path, one.note) for path, one in fit.scenario.sources.items()),
            key=lambda row: (_STATUS.index(row[0]), row[1]),
        ),
    }  # fmt: skip


def _page(found: Backtest, read: Sequence[str], word: str) -> dict[str, Any]:
    """What of the lists is printed: what decides, and no more than a page has room for."""
    fit, sides = found.fit, (found.forecast, found.given)
    types = sorted(type_cells(fit), key=lambda cells: -float(cells[1].replace(",", "")))
    assumed = [f"{path}: {one.note}" for path, one in fit.scenario.sources.items() if one.status == "assumed"]
    others = Counter[str](one.status for one in fit.scenario.sources.values())
    held = ", ".join(f"{others[status]} inputs {status}" for status in _STATUS[1:] if others[status])
    left = len(types) - _TYPES
    return {
        "rows": [
            *_rows(_DAY, "day", [one.days for one in sides]),
            *_rows(_INTERVAL, word, [one.intervals for one in sides]),
            *_formulas(sides, word),
        ],
        "misfits": [line for one in sides for line in _worst(one)],
        "about": [(name, short(text, _LINES)) for name, text in _brief(found, read)],
        "types": [(short(cells[0], _NAME), *cells[1:]) for cells in types[:_TYPES]],
        "more_types": f"the {_TYPES} with most calls of {len(types)} call types" if left > 0 else "",
        "sources": [*(short(line, _LINE) for line in first(assumed, _ASSUMED, "inputs assumed")), *([held] if held else [])],
    }


def short(text: str, most: int) -> str:
    """The text, or as much of it as a page has room for."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def first(lines: Sequence[str], most: int, what: str) -> list[str]:
    """So many lines, and how many more there are."""
    return [*lines[:most], *([f"and {len(lines) - most} more {what}"] if len(lines) > most else [])]


def _worst(rung: Rung) -> list[str]:
    """A line each for times of the day, call types and days: how many are off, and the farthest."""
    rows = []
    for what, misfits in (("times of the day", rung.misfits), ("call types", rung.types)):
        if misfits:
            far = sorted(misfits, key=lambda one: -abs(one.gap))[:_WORST]
            named = "; ".join(misfit_line(one._replace(name=short(one.name, _NAME))) for one in far)
            rows.append(f"{what}, {len(misfits)}, the farthest: {named}")
    if rung.far:
        rows.append(f"days off by {points(FAR)} points or more, {len(rung.far)}, the farthest: {far_line(rung.far[0])}")
    return [f"{rung.name}: {row}" for row in rows] or [f"{rung.name}: none found"]


def _brief(found: Backtest, read: Sequence[str]) -> list[tuple[str, str]]:
    """What the figures rest on, a line each."""
    fit, calendar = found.fit, found.fit.scenario.calendar
    rows = [("data", f"{short(found.source, _SOURCE)}: {'; '.join(read)}")]
    rows.append(("hours", f"{show_clock(calendar.opens)} to {show_clock(calendar.closes)}"))
    days = [f"{one.day} {one.calls:,} calls" for one in fit.set_aside]
    if days:
        rows.append(("not fitted", f"{len(days)} days unlike their weekdays: {', '.join(first(days, _DAYS, 'days'))}"))
    out = left_out(found)
    if out:
        rows.append(("not tested", "; ".join(first(out, _WORST, "lines"))))
    rows.append(("swing", swing(fit)))
    return rows + [("note", short(text, _LINE)) for text in first(fit.notes, _NOTES, "notes")]


def _formulas(sides: Sequence[Rung], word: str) -> list[dict[str, Any]]:
    return [
        _row(f"Erlang A: answer rate, of {an(word)}", [one.beside.a_interval for one in sides]),
        _row(f"Erlang C: answer rate, of {an(word)}", [one.beside.c_interval for one in sides]),
    ]


def _rows(names: Sequence[str], of: str, sides: Sequence[Mapping[str, Score]]) -> list[dict[str, Any]]:
    return [_row(f"{TITLES[name]}, of {an(of)}", [one[name] for one in sides]) for name in names if name in sides[0]]


def _row(title: str, scores: Sequence[Score]) -> dict[str, Any]:
    scale, suffix, digits = unit(scores[-1])
    return {
        "title": title,
        "actual": count(scores[-1].recorded * scale, digits) + suffix,
        "sides": [cells_of(one) for one in scores],
    }


def _misfits(rung: Rung) -> list[str]:
    lines = [f"{rung.name}: {misfit_line(one)}" for one in rung.misfits]
    lines += [f"{rung.name}, call type {misfit_line(one)}" for one in rung.types]
    if rung.far:
        named = "; ".join(far_line(one) for one in rung.far[:_FAR])
        lines.append(f"{rung.name}: {len(rung.far)} days are off by 5 points or more, the farthest: {named}")
    return lines or [f"{rung.name}: none found"]


def _about(found: Backtest, read: Sequence[str]) -> list[tuple[str, str]]:
    fit, calendar = found.fit, found.fit.scenario.calendar
    rows = [("data", f"{found.source}: {'; '.join(read)}")]
    rows.append(("hours", f"{show_clock(calendar.opens)} to {show_clock(calendar.closes)}"))
    if fit.set_aside:
        named = "; ".join(f"{one.day} {one.calls:,} calls, {one.why}" for one in fit.set_aside)
        rows.append(("not fitted", named))
    rows += [("not tested", text) for text in left_out(found)]
    rows.append(("swing", swing(fit)))
    rows += [("note", text) for text in fit.notes]
    return rows
