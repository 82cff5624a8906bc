"""`callsim explain`: why a measure misses its target, and what each cause takes."""

from __future__ import annotations

from typing import Annotated

import typer

from experiments.cli.options import (
    FIGURES,
    DaysOrNone,
    Engine,
    Figure,
    Jobs,
    Json,
    Parameters,
    PolicyOption,
    Seed,
    SetOption,
    StoryArgument,
    check_engine,
    check_jobs,
    check_output,
    check_parameters,
    days_or,
    load_story,
    settings_from,
)
from experiments.cli.output import echo, note, print_json
from experiments.cli.progress import Progress
from experiments.cli.workers import workers
from sim.scenario.errors import CallsimError


def explain(
    story: StoryArgument,
    target: Annotated[
        str | None, typer.Option("--target", help='such as "answer_rate >= 0.90"; not given: the first of the story')
    ] = None,
    policy: PolicyOption = None,
    set_: SetOption = None,
    days: DaysOrNone = None,
    seed: Seed = 1,
    jobs: Jobs = None,
    figure: Figure = None,
    parameters: Parameters = "fixed",
    engine: Engine = "compiled",
    json: Json = False,
) -> None:
    """Take causes away, alone and in all combinations, and share out how far the target is missed."""
    mode = check_parameters(parameters)
    number = days_or(days, mode)
    check_engine(engine)
    workers_asked = check_jobs(jobs)
    check_output("--figure", figure, FIGURES)
    scenario = load_story(story, policy, settings_from(set_), mode)

    from experiments.cli.thresholds import check_thresholds
    from experiments.explain import explain as explain_it
    from experiments.screens.explain_screen import explain_document, explain_lines
    from experiments.screens.present import what
    from experiments.threshold import parse

    if target is None:
        plain = [one for one in scenario.targets if isinstance(one.at_least if one.at_most is None else one.at_most, float)]
        if not plain:
            raise CallsimError(f'{story}: has no target; say one: --target "answer_rate >= 0.90"; nothing was run')
        first = plain[0]
        sign, bound = (">=", first.at_least) if first.at_most is None else ("<=", first.at_most)
        target = f"{what(first)} {sign} {bound}"
    check_thresholds([target], {story: scenario}, None)
    with Progress().compiling(engine) as progress, workers(workers_asked, engine) as executor:
        found = explain_it(
            scenario, parse(target), days=number, seed=seed, engine=engine, executor=executor, progress=progress
        )
    if figure is not None:
        from experiments.cli.figures import write_waterfall

        write_waterfall(figure, found, scenario.calendar.days)
    if json:
        print_json(explain_document(found, story=story, day=scenario.calendar.start))
    else:
        for line in explain_lines(found, title=scenario.name, calendar=scenario.calendar):
            echo(line)
    if figure is not None:
        note(f"wrote {figure}")
