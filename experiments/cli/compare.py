"""`callsim compare`: policies against the baseline on the same simulated callers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.options import (
    FIGURES,
    Figure,
    Jobs,
    Json,
    Measure,
    Seed,
    SetOption,
    StoryArgument,
    check_days,
    check_jobs,
    check_output,
    load_story,
    policies_of,
    settings_from,
)
from experiments.cli.output import echo, note, print_json
from experiments.cli.progress import Progress
from experiments.cli.workers import workers
from sim.scenario.errors import CallsimError

if TYPE_CHECKING:
    from experiments.compare import Comparison
    from experiments.run import Results

BASELINE = "baseline"
NOT_REACHED = 3  # exit code
DAYS, MOST_DAYS = 100, 1000


def compare(
    story: StoryArgument,
    policies: Annotated[
        str | None, typer.Option("--policies", help='which, for example "a,b,a+b"; not given: each of the story')
    ] = None,
    set_: SetOption = None,
    days: Annotated[
        int | None, typer.Option("--days", help="simulated days; 100, with --precision at most and 1,000")
    ] = None,
    precision: Annotated[
        float | None, typer.Option("--precision", help="stop when every gain is known to +- this (points)")
    ] = None,
    seed: Seed = 1,
    jobs: Jobs = None,
    measure: Measure = "answer_rate",
    margin: Annotated[float, typer.Option(help="a difference that counts as equal (points)")] = 0.5,
    figure: Figure = None,
    chart: Annotated[str, typer.Option(help="of --figure: answer-rate, forest or waits")] = "answer-rate",
    json: Json = False,
) -> None:
    """Compare the baseline with its policies: gain, chance of the target, who is not served, what it costs."""
    most = check_days(days if days is not None else MOST_DAYS if precision is not None else DAYS)
    count = check_jobs(jobs)
    check_output("--figure", figure, FIGURES)
    if precision is not None and not 0 < precision < float("inf"):
        raise CallsimError(f"--precision: must be above 0; found {precision:g}; nothing was run")
    if not 0 <= margin < float("inf"):
        raise CallsimError(f"--margin: must not be below 0; found {margin:g}; nothing was run")
    settings = settings_from(set_)
    names = policies_of(story, policies)
    scenarios = {BASELINE: load_story(story, None, settings)}
    scenarios |= {name: load_story(story, name, settings) for name in names}

    from experiments.cli.figures import chart_named, write
    from experiments.compare import compare as compare_results
    from experiments.comparison_table import table
    from experiments.documents import compare_document
    from experiments.run import run
    from experiments.sequential import run_until
    from experiments.study import Study
    from experiments.values import reads
    from sim.files.stories import describe

    titles = {policy.name: policy.title for policy in describe(story)}
    reading = reads(measure)
    wanted = chart_named(chart, ("answer-rate", "forest", "waits"))
    # the second run that tells luck from unknown inputs is made for the baseline only: it doubles the time
    study = Study(scenarios, replications=most, seed=seed, spread=(BASELINE,))

    def look(results: Results, looks: int = 1) -> Comparison:
        return compare_results(results, baseline=BASELINE, measure=measure, margin=margin / reading.scale, looks=looks)

    reached, looks = True, 1
    with Progress() as progress, workers(count) as executor:
        if precision is None:
            results = run(study, executor=executor, progress=progress)
            comparison = look(results)
        else:
            stopped = run_until(study, precision / reading.scale, look, executor=executor, progress=progress)
            results, comparison, reached = stopped.results, stopped.comparison, stopped.reached
            looks = len(stopped.looks)
    if figure is not None:
        write(figure, wanted, results, comparison)
    base = scenarios[BASELINE]
    labels = {name: "; ".join(titles[part] for part in name.split("+") if part in titles) for name in names}
    if json:
        asked = None
        if precision is not None:
            asked = {"half_width": precision / reading.scale, "reached": reached, "looks": looks}
        print_json(compare_document(comparison, story=story, day=base.calendar.start, labels=labels, precision=asked))
    else:
        day, interval = base.calendar.start, base.calendar.interval
        for line in table(comparison, title=base.name, day=day, labels=labels, interval=interval, looks=looks):
            echo(line)
    if not reached:
        note(f"precision not reached: +-{precision:g} was asked for; {comparison.days:,} days were simulated")
    if figure is not None:
        note(f"wrote {figure}")
    if not reached:
        raise typer.Exit(NOT_REACHED)
