"""Figures of results: numbers from experiments, handed to plots, written as one whole file."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.compare import Comparison
from experiments.grid import Grid, grid
from experiments.run import Results
from experiments.screens.present import simulated, weekday
from sim.scenario.errors import CallsimError
from sim.scenario.scenario import Scenario
from sim.scenario.units import TICKS_PER_SECOND

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from experiments.explain import Explanation
    from experiments.fit import Fit
    from experiments.sensitivity import Lever
    from experiments.values import Reading
    from sim.calibrate import Calibration


class Chart(StrEnum):
    """What a figure shows."""

    answer_rate = "answer-rate"
    forest = "forest"
    heads = "heads"
    waits = "waits"


def chart_named(name: str, allowed: tuple[str, ...]) -> Chart:
    """The chart of that name; raises CallsimError naming those that this command has."""
    if name not in allowed:
        raise CallsimError(f"--chart {name}: there is {', '.join(allowed)}; nothing was run")
    return Chart(name)


def write(path: Path, chart: Chart, results: Results, comparison: Comparison) -> None:
    """Draw the chart into the file; its ending says the format. Raises CallsimError and CannotFinishError."""
    from plots.style import figure

    drawn, ax = figure()
    {Chart.answer_rate: _answer_rate, Chart.forest: _forest, Chart.heads: _heads, Chart.waits: _waits}[chart](
        results, comparison, ax
    )
    drawn.text(0.995, 0.995, _about(results, comparison), ha="right", va="top", fontsize=7, alpha=0.7)
    _save(path, drawn)


def _about(results: Results, comparison: Comparison) -> str:
    """What was simulated, for the corner of a figure."""
    frame = results.tallies[comparison.baseline].frame
    first, last = frame.start, frame.start + timedelta(days=frame.days - 1)
    when = weekday(first) if first == last else f"{weekday(first)} to {weekday(last)}"
    return f"{results.study.scenarios[comparison.baseline].name}, {when}"


def write_waterfall(path: Path, found: Explanation, horizon: int) -> None:
    """Draw how the causes' shares lead from today to the target. Raises CallsimError and CannotFinishError."""
    from experiments.values import reads
    from plots.style import figure
    from plots.waterfall import draw, prepare

    reading = reads(found.threshold.measure)
    steps = [(one.cause.title, one.share.value, one.share.low, one.share.high) for one in found.shares if one.there]
    drawn, ax = figure(9.0, 1.8 + 0.42 * len(steps))
    prepared = prepare(
        steps, today=found.today.value, target=found.threshold.bound, measure=found.threshold.series, scale=reading.scale,
        unit="%" if reading.scale == 100 else reading.unit, simulated=simulated(found.days, horizon),
    )  # fmt: skip
    draw(prepared, ax)
    _save(path, drawn)


def write_tornado(path: Path, levers: Sequence[Lever], reading: Reading, replications: int, horizon: int) -> None:
    """Draw how far each lever moves a measure. Raises CallsimError and CannotFinishError."""
    from plots.style import figure
    from plots.tornado import Bar, draw, prepare

    names = ["as it is", "as it is"]
    bars = []
    for one in levers:
        least, most = (name if end is None else str(end) for name, end in zip(names, one.ends, strict=True))
        bars.append(Bar(one.path, one.low.value, one.high.value, least, most, one.low.low, one.high.high))
    drawn, ax = figure(9.0, 1.8 + 0.5 * len(bars))
    said = simulated(replications, horizon)
    draw(prepare(bars, measure=reading.name, scale=reading.scale, unit=reading.difference_unit, simulated=said), ax)
    _save(path, drawn)


def write_staffing(folder: Path, found: Calibration) -> list[Path]:
    """Draw the heads of each group whose heads are inferred in their bracket, and a roster beside who was there; the files
    written. Raises CannotFinishError.
    """
    from plots.staffing import draw, prepare
    from plots.style import figure

    starts, interval = found.scenario.calendar.starts(), float(found.scenario.calendar.interval)
    prepared = []
    for name, trial in found.trials.items():
        low, high = trial.recorded.busy, trial.recorded.active
        band = None if high is None else (low, high)
        lines = [("by the rule", trial.known)]
        prepared.append((f"heads-{name}.png", prepare(starts, interval=interval, lines=lines, band=band, title=f"{name}: heads")))
    seen = found.rostered
    if seen is not None and seen.compared is not None:
        compared = seen.compared
        lines = [(f"by {seen.source}", compared.planned.mean(axis=0)), (f"there, {seen.there_by}", compared.there.mean(axis=0))]
        title = f"On the phones by the roster and there, {len(compared.days)} days"
        prepared.append(("roster.png", prepare(starts, interval=interval, lines=lines, title=title)))
    files = []
    for file, one in prepared:
        drawn, ax = figure()
        draw(one, ax)
        files.append(folder / re.sub(r"[^\w.-]+", "-", file))
        _save(files[-1], drawn)
    return files


def write_fit(folder: Path, found: Fit) -> list[Path]:
    """Draw what was recorded beside what was made of it; the files written. Raises CannotFinishError."""
    from matplotlib.figure import Figure

    from plots import dispersion
    from plots.fit import draw_curve, draw_level, draw_profile, prepare
    from plots.style import figure

    drawn, ax = figure()
    draw_profile(found.profile, ax)
    files = [folder / "calls.png"]
    _save(files[-1], drawn)
    if found.swing is not None:
        drawn, ax = figure(7.0, 4.5)
        dispersion.draw(dispersion.prepare(found.swing), ax)
        files.append(folder / "swing.png")
        _save(files[-1], drawn)
    if found.level is not None:
        drawn, ax = figure()
        draw_level(found.level, ax)
        files.append(folder / "level.png")
        _save(files[-1], drawn)
    talk = prepare(found.talk)
    patience = {curve.name: curve for curve in found.patience}
    if talk:
        drawn = Figure(figsize=(9.0, 2.4 * len(talk)), dpi=150, layout="constrained")
        axes = drawn.subplots(len(talk), 2, squeeze=False)
        for row, curve in enumerate(talk):
            draw_curve(curve, axes[row][0], what="talk longer than", legend=row == 0)
            if curve.name in patience:
                draw_curve(patience[curve.name], axes[row][1], what="patience longer than")
            else:
                axes[row][1].axis("off")
        files.append(folder / "times.png")
        _save(files[-1], drawn)
    return files


def write_skills(path: Path, scenario: Scenario) -> None:
    """Draw who can do what. Raises CallsimError where there is nobody, and CannotFinishError."""
    from experiments.skills import skills
    from plots.skill_matrix import Cell, draw, prepare
    from plots.style import figure

    found = skills(scenario)
    if not found:
        raise CallsimError("--figure: the story has no agents")
    kinds = [kind.name for kind in scenario.call_types]
    cells = [[None if one.can.get(kind) is None else Cell(*one.can[kind]) for kind in kinds] for one in found]
    prepared = prepare([(one.name, one.heads) for one in found], kinds, cells, title=f"{scenario.name}: who can do what")
    drawn, ax = figure(max(3.0 + 1.1 * len(kinds), 8.0), 1.8 + 0.36 * len(prepared.rows))
    draw(prepared, ax)
    _save(path, drawn)


def _save(path: Path, drawn: Figure) -> None:
    from sim.files.write import write_whole

    out = io.BytesIO()
    # no date and no version inside: the same results give the same bytes
    fixed = {".png": {"Software": None}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
    ending = path.suffix.lower()
    drawn.savefig(out, format=ending[1:], metadata=fixed.get(ending))
    write_whole(path, out.getvalue())


def _grids(results: Results, comparison: Comparison) -> dict[str, Grid]:
    return {row.name: grid(results.tallies[row.name]) for row in comparison.rows}


def _starts(results: Results, found: Grid, name: str) -> tuple[list[float], float]:
    frame = results.tallies[name].frame
    if not found.intervals:
        raise CallsimError("--figure: the center is closed on this day")
    starts = [(frame.opens + row.place * frame.interval) / TICKS_PER_SECOND for row in found.intervals]
    return starts, frame.interval / TICKS_PER_SECOND


def _answer_rate(results: Results, comparison: Comparison, ax: Axes) -> None:
    from plots.answer_rate import draw, prepare

    found = _grids(results, comparison)
    starts, length = _starts(results, found[comparison.baseline], comparison.baseline)
    shown = [row.place for row in found[comparison.baseline].intervals]
    rates = {}
    for name, one in found.items():
        rows = {row.place: (row.rate, *row.between) for row in one.intervals}
        cells = [rows.get(place, (math.nan,) * 3) for place in shown]
        rates[name] = [cell[0] for cell in cells], [cell[1] for cell in cells], [cell[2] for cell in cells]
    target = comparison.target
    line = target.at_least if target is not None and target.measure == "answer_rate" else None
    offered = [row.offered for row in found[comparison.baseline].intervals]
    limit = line if isinstance(line, float) else None
    draw(prepare(starts, interval=length, offered=offered, rates=rates, target=limit), ax)


def _forest(results: Results, comparison: Comparison, ax: Axes) -> None:
    from experiments.values import reads
    from plots.forest import Row, draw, prepare

    reading = reads(comparison.measure)
    rows = [
        Row(row.name, row.gain.value, row.gain.low, row.gain.high, str(row.verdict))
        for row in comparison.policies
        if row.gain is not None
    ]
    if not rows:
        raise CallsimError("--chart forest: there is no policy beside the baseline")
    unit = "points" if reading.scale == 100 else reading.unit
    prepared = prepare(
        rows, baseline=comparison.baseline, measure=comparison.measure, margin=comparison.margin, scale=reading.scale,
        unit=unit, simulated=simulated(comparison.days, comparison.horizon),
    )  # fmt: skip
    draw(prepared, ax)


def _heads(results: Results, comparison: Comparison, ax: Axes) -> None:
    from experiments.values import heads_by_group
    from plots.heads import draw, prepare

    tally = results.tallies[comparison.baseline]
    heads = {name: row for name, row in heads_by_group(tally).items() if name not in tally.frame.back_office}
    if not heads:
        raise CallsimError("--chart heads: the story has no agents")
    found = grid(tally)
    starts, length = _starts(results, found, comparison.baseline)
    heads = {name: row[[one.place for one in found.intervals]] for name, row in heads.items()}
    load = [0.0 if row.load != row.load else row.load for row in found.intervals]  # no calls, no load
    needed = [float(row.needed_c or 0) for row in found.intervals]
    draw(prepare(starts, interval=length, heads=heads, load=load, needed=needed), ax)


def _waits(results: Results, comparison: Comparison, ax: Axes) -> None:
    from plots.survival import draw, prepare
    from sim.tally.waits import EDGES

    waits = {row.name: results.tallies[row.name].waits.sum(axis=(0, 1)) for row in comparison.rows}
    draw(prepare(EDGES / TICKS_PER_SECOND, waits, within=results.study.measuring.within), ax)
