"""`callsim run`: the day as planned, simulated many times: the answer first, then half-hour by half-hour."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.options import (
    FIGURES,
    Date,
    DaysOrNone,
    Engine,
    Figure,
    Jobs,
    Json,
    Measure,
    Parameters,
    PolicyOption,
    Seed,
    SetOption,
    StoryArgument,
    check_date,
    check_engine,
    check_jobs,
    check_output,
    check_parameters,
    date_from,
    days_or,
    load_story,
    settings_from,
)
from experiments.cli.output import echo, note, print_json
from experiments.cli.progress import Progress
from experiments.cli.thresholds import (
    ThresholdOption,
    check_thresholds,
    exit_code,
    threshold_document,
    threshold_lines,
    verdicts_on,
)
from experiments.cli.workers import workers

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario


def run(
    story: StoryArgument,
    policy: PolicyOption = None,
    set_: SetOption = None,
    days: DaysOrNone = None,
    seed: Seed = 1,
    jobs: Jobs = None,
    measure: Measure = "answer_rate",
    every: Annotated[bool, typer.Option("--all", help="show every interval of a long grid")] = False,
    log: Annotated[Path | None, typer.Option("--log", help="write day 0 call by call as .csv")] = None,
    figure: Figure = None,
    chart: Annotated[str, typer.Option(help="of --figure: answer-rate, heads or waits")] = "answer-rate",
    threshold: ThresholdOption = None,
    only: Date = None,
    parameters: Parameters = "fixed",
    engine: Engine = "compiled",
    json: Json = False,
) -> None:
    """Simulate a story as planned: answer rates, how sure they are, and the half-hour grid beside Erlang."""
    mode = check_parameters(parameters)
    number = days_or(days, mode)
    check_engine(engine)
    count = check_jobs(jobs)
    check_output("--log", log, (".csv",))
    check_output("--figure", figure, FIGURES)
    day, scenario = date_from("--date", only), load_story(story, policy, settings_from(set_), mode)
    check_date(scenario, day)

    from experiments.cli.figures import chart_named, write
    from experiments.compare import compare
    from experiments.days import day_rows
    from experiments.grid import grid
    from experiments.run import run as simulate_all
    from experiments.screens.day_screen import first_screen
    from experiments.screens.days_table import day_lines
    from experiments.screens.documents import run_document
    from experiments.screens.grid_table import grid_lines
    from experiments.screens.present import simulated, when, wrapped
    from experiments.study import Study
    from experiments.values import all_values, reads

    reads(measure)
    thresholds = check_thresholds(threshold, {story: scenario}, None)
    wanted = chart_named(chart, ("answer-rate", "heads", "waits"))
    study = Study({policy or "baseline": scenario}, replications=number, seed=seed, engine=engine)
    with Progress().compiling(engine) as progress, workers(min(count, number), engine) as executor:
        results = simulate_all(study, executor=executor, progress=progress)
    verdicts = verdicts_on(results, thresholds, None)
    calendar = scenario.calendar
    if day is not None:
        results, calendar = results.of_day(day), calendar.replace(start=day, days=1)
    comparison = compare(results, measure=measure)
    (tally,) = results.tallies.values()
    found, rows = grid(tally, comparison.target), day_rows(tally, comparison.target)
    if log is not None:
        _write_log(log, scenario, seed)
    if figure is not None:
        write(figure, wanted, results, comparison)
    if json:
        assumed = [path for path, source in scenario.sources.items() if source.status == "assumed"]
        print_json(
            run_document(
                comparison,
                found,
                all_values(tally),
                story=story,
                label=scenario.name,
                calendar=calendar,
                by_day=rows,
                assumed=assumed,
            )
            | threshold_document(verdicts)
        )
    else:
        title = f"{scenario.name}, {when(calendar)}: {simulated(number, calendar.days)} (seed {seed})"
        echo("\n".join(wrapped("", title, indent=0)))
        echo()
        echo("\n".join(first_screen(comparison, tally, found, scenario)))
        echo()
        if calendar.days > 1:
            echo("\n".join(day_lines(rows, comparison.target)))
            echo()
        echo("\n".join([*grid_lines(found, comparison, every=every), *threshold_lines(verdicts)]))
    for path in (log, figure):
        if path is not None:
            note(f"wrote {path}")
    if code := exit_code(verdicts):
        raise typer.Exit(code)


def _write_log(path: Path, scenario: Scenario, seed: int) -> None:
    """Day 0 of the seed, call by call."""
    from experiments.screens.call_table import as_csv, columns
    from sim.chance import draw, resolve
    from sim.engines import simulate
    from sim.files.write import write_whole

    resolved = resolve(scenario, seed=seed, replication=0)
    day = simulate(resolved, draw(resolved, seed=seed, replication=0))
    write_whole(path, as_csv(columns(day, tuple(surge.name for surge in scenario.surges))))
