"""`callsim compare`: policies against the baseline on the same simulated callers."""

from __future__ import annotations

from typing import Annotated

import typer

from experiments.cli.across import compare_across
from experiments.cli.answering import Question, answer, check_question
from experiments.cli.options import (
    FIGURES,
    Date,
    Engine,
    Figure,
    Jobs,
    Json,
    Measure,
    Parameters,
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
    policies_of,
    settings_from,
)
from experiments.cli.thresholds import ThresholdOption, check_thresholds
from sim.scenario.errors import CallsimError

BASELINE = "baseline"
MOST_DAYS = 1000


def compare(
    story: StoryArgument,
    policies: Annotated[
        str | None, typer.Option("--policies", help='which, for example "a,b,a+b"; not given: each of the story')
    ] = None,
    set_: SetOption = None,
    days: Annotated[
        int | None, typer.Option("--days", help="simulated days; 100, uncertain 400, with --precision at most and 1,000")
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
    across: Annotated[
        str | None, typer.Option("--across", metavar="PATH=A,B,C", help="every policy under each value of an input")
    ] = None,
    threshold: ThresholdOption = None,
    only: Date = None,
    parameters: Parameters = "fixed",
    engine: Engine = "compiled",
    json: Json = False,
) -> None:
    """Compare the baseline with its policies: gain, chance of the target, who is not served, what it costs."""
    mode = check_parameters(parameters)
    most = days_or(MOST_DAYS if days is None and precision is not None else days, mode)
    count = check_jobs(jobs)
    check_output("--figure", figure, FIGURES)
    check_question(precision, margin)
    settings, day = settings_from(set_), date_from("--date", only)
    names = policies_of(story, policies)
    scenarios = {BASELINE: load_story(story, None, settings, mode)}
    scenarios |= {name: load_story(story, name, settings, mode) for name in names}
    for name, scenario in scenarios.items():
        check_date(scenario, day, name if name != BASELINE else "")
    if across is not None:
        if precision is not None or threshold or figure is not None or day is not None:
            raise CallsimError("--across goes without --precision, --threshold, --figure and --date; nothing was run")
        compare_across(story, scenarios, across, days=most, seed=seed, jobs=count, measure=measure, engine=engine, json=json)
        return

    from sim.files.stories import describe

    titles = {policy.name: policy.title for policy in describe(story)}
    labels = {name: "; ".join(titles[part] for part in name.split("+") if part in titles) for name in names}
    thresholds = tuple(check_thresholds(threshold, scenarios, BASELINE))
    asked = Question(most, seed, count, measure, margin, precision, figure, chart, json, check_engine(engine), thresholds, day)
    answer(asked, scenarios, story=story, labels=labels)
