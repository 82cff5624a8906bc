"""Answering: several scenarios simulated on the same callers, compared, printed and drawn, for the commands that ask so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from experiments.cli.errors import UNDECIDED
from experiments.cli.output import echo, note, print_json
from experiments.cli.progress import Progress
from experiments.cli.thresholds import exit_code, threshold_document, threshold_lines, verdicts_on
from experiments.cli.workers import workers
from sim.scenario.errors import CallsimError

if TYPE_CHECKING:
    from experiments.compare import Comparison
    from experiments.run import Results
    from sim.scenario.scenario import Scenario

CHARTS = ("answer-rate", "forest", "waits")


class Question(NamedTuple):
    """How a comparison is to be made; `precision` and `margin` in points, or in the measure's unit."""

    days: int
    seed: int
    jobs: int
    measure: str = "answer_rate"
    margin: float = 0.5
    precision: float | None = None
    figure: Path | None = None
    chart: str = CHARTS[0]
    json: bool = False
    engine: str = "compiled"
    thresholds: tuple[str, ...] = ()
    day: date | None = None


def check_question(precision: float | None, margin: float) -> None:
    """Raises CallsimError for a precision or margin that no comparison can have."""
    if precision is not None and not 0 < precision < float("inf"):
        raise CallsimError(f"--precision: must be above 0; found {precision:g}; nothing was run")
    if not 0 <= margin < float("inf"):
        raise CallsimError(f"--margin: must not be below 0; found {margin:g}; nothing was run")


def answer(
    asked: Question,
    scenarios: Mapping[str, Scenario],
    *,
    story: str,
    labels: Mapping[str, str],
    before: Callable[[Results], list[str]] = lambda _: [],
    document: Callable[[Results], dict[str, Any]] = lambda _: {},
) -> None:
    """Compare the first scenario with the others and print the table, or the document with `asked.json`.

    labels : longer names of policies; before : lines to print above the table; document : what is laid over the
    document. Raises typer.Exit with 3 when the precision is not reached or a threshold undecided, with 99 when one is missed.
    """
    from experiments.cli.figures import chart_named, write
    from experiments.compare import compare
    from experiments.run import run
    from experiments.screens.comparison_table import table
    from experiments.screens.documents import compare_document
    from experiments.screens.present import half_width
    from experiments.sequential import run_until
    from experiments.study import Study
    from experiments.values import reads

    reading = reads(asked.measure)
    wanted = chart_named(asked.chart, CHARTS)
    baseline, *_ = scenarios
    # the second run that tells luck from unknown inputs is made for the baseline only, for it doubles the time; what tells
    # simulation from data is needed of all
    twice = [name for name, one in scenarios.items() if name == baseline or one.parameters is not None]
    study = Study(scenarios, replications=asked.days, seed=asked.seed, engine=asked.engine, spread=tuple(twice))

    def look(results: Results, looks: int = 1) -> Comparison:
        margin = asked.margin / reading.scale
        results = results if asked.day is None else results.of_day(asked.day)
        return compare(results, baseline=baseline, measure=asked.measure, margin=margin, looks=looks)

    reached, looks, data = True, 1, None
    with Progress().compiling(asked.engine) as progress, workers(asked.jobs, asked.engine) as executor:
        if asked.precision is None:
            results = run(study, executor=executor, progress=progress)
            comparison = look(results)
        else:
            stopped = run_until(study, asked.precision / reading.scale, look, executor=executor, progress=progress)
            results, comparison, reached = stopped.results, stopped.comparison, stopped.reached
            looks, data = len(stopped.looks), stopped.data
    if asked.figure is not None:
        write(asked.figure, wanted, results if asked.day is None else results.of_day(asked.day), comparison)
    base = scenarios[baseline]
    calendar = base.calendar if asked.day is None else base.calendar.replace(start=asked.day, days=1)
    verdicts = verdicts_on(results, list(asked.thresholds), baseline)
    if asked.json:
        sought = None
        if asked.precision is not None:
            sought = {"half_width": asked.precision / reading.scale, "reached": reached, "looks": looks, "data": data}
        found = compare_document(comparison, story=story, calendar=calendar, labels=labels, precision=sought)
        print_json(found | document(results) | threshold_document(verdicts))
    else:
        shown = table(comparison, title=base.name, calendar=calendar, labels=labels, looks=looks)
        for line in (*before(results), *shown, *threshold_lines(verdicts)):
            echo(line)
    if not reached:
        why = "" if data is None else (
            f", and data alone makes ±{half_width(data, reading)}: more simulated days do not help, more recorded days do"
        )  # fmt: skip
        note(f"precision not reached: +-{asked.precision:g} was asked for{why}; {comparison.days:,} days were simulated")
    if asked.figure is not None:
        note(f"wrote {asked.figure}")
    code = exit_code(verdicts)
    if code or not reached:
        raise typer.Exit(code or UNDECIDED)
