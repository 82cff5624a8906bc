"""Files of a backtest: the figure, and the model card as a page and as a document beside it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.backtest import Backtest, Rung
from experiments.backtest_counts import Column
from experiments.screens.backtest_words import middling_day
from experiments.screens.present import interval_word, weekday

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from plots.actual_band import ActualBand

_NAMES = {"forecast": "forecast", "given": "given who was there"}


def write_card(path: Path, found: Backtest, *, read: Sequence[str]) -> list[Path]:
    """The page, and its document under the same name with .json; what was written."""
    from experiments.cli.output import as_json
    from experiments.screens.backtest_document import backtest_document
    from experiments.screens.model_card import model_card
    from sim.files.write import write_whole

    beside = path.with_suffix(".json")
    write_whole(path, model_card(found, read=read, chart=_svg(found)))
    write_whole(beside, as_json(backtest_document(found, read=read)) + "\n")
    return [path, beside]


def write_figure(path: Path, found: Backtest) -> list[Path]:
    """The chart alone; its ending says the format."""
    from sim.files.write import write_whole

    fixed = {".png": {"Software": None}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
    ending = path.suffix.lower()
    out = io.BytesIO()
    _figure(found, 10.5, 3.9).savefig(out, format=ending[1:], metadata=fixed[ending])
    write_whole(path, out.getvalue())
    return [path]


def _svg(found: Backtest) -> str:
    """The chart as SVG to be put into a page: no XML head, nothing loaded from elsewhere, the same names of parts each time."""
    import matplotlib as mpl

    out = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "callsim", "svg.fonttype": "path"}):
        _figure(found, 9.2, 2.3).savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    return text[text.index("<svg") :]


def _figure(found: Backtest, width: float, height: float) -> Figure:
    """One tested day under both rungs, on one scale; beside the forecast the other tested days. In inches: on a printed page
    they are 7.5 wide.
    """
    from matplotlib.figure import Figure

    from plots.actual_band import draw

    day = middling_day(found)
    new = Figure(figsize=(width, height), dpi=150, layout="constrained")
    axes = new.subplots(1, 2, sharey=True)
    for ax, rung in zip(axes, (found.forecast, found.given), strict=True):
        draw(_prepared(found, rung, day), ax)
    axes[1].set_ylabel("")
    handles, labels = axes[0].get_legend_handles_labels()
    new.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    return new


def _prepared(found: Backtest, rung: Rung, day: int) -> ActualBand:
    from plots.actual_band import prepare

    calendar = found.fit.scenario.calendar
    each = rung.counted[day].intervals[:, :, Column.ANSWERED]
    low, high = np.quantile(each, [0.1, 0.9], axis=0)
    length = float(calendar.interval)
    answered = np.stack([one.intervals[0, :, Column.ANSWERED] for one in found.recorded]).astype(np.float64)
    others = np.delete(answered, day, axis=0) if rung is found.forecast else answered[:0]
    return prepare(
        np.array(calendar.starts(), np.float64), interval=length, recorded=answered[day], simulated=each.mean(axis=0),
        low=low, high=high, others=others, title=f"{_NAMES[rung.name]}: {weekday(found.days[day])}",
        unit=f"calls answered in a {interval_word(length)}",
    )  # fmt: skip
