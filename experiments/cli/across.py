"""`callsim compare --across`: every policy under each value of an input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from experiments.cli.options import check_engine, settings_from
from experiments.cli.output import echo, print_json
from experiments.cli.progress import Progress
from experiments.cli.workers import workers
from sim.scenario.errors import CallsimError

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario


def compare_across(
    story: str,
    scenarios: Mapping[str, Scenario],
    text: str,
    *,
    days: int,
    seed: int,
    jobs: int,
    measure: str,
    engine: str,
    json: bool,
) -> None:
    """Compare and print; raises CallsimError for a text that is not PATH=A,B,C."""
    from experiments.across import across
    from experiments.screens.across_screen import across_document, across_lines
    from experiments.values import reads

    path, values = assumptions(text)
    reads(measure)
    for value in values:  # before anything runs
        for one in scenarios.values():
            one.with_({path: value})
    with Progress().compiling(check_engine(engine)) as progress, workers(jobs, engine) as executor:
        found = across(
            scenarios, path, values, measure=measure, days=days, seed=seed, engine=engine, executor=executor,
            progress=progress,
        )  # fmt: skip
    base = next(iter(scenarios.values()))
    if json:
        print_json(across_document(found, story=story, day=base.calendar.start))
        return
    for line in across_lines(found, title=base.name, calendar=base.calendar):
        echo(line)


def assumptions(text: str) -> tuple[str, list[Any]]:
    """The path and the values of ``"lines.trunks=60,90,120"``."""
    path, equals, listed = text.partition("=")
    pieces = [piece.strip() for piece in listed.split(",") if piece.strip()]
    if not equals or not path.strip() or len(pieces) < 2:
        raise CallsimError(f'--across {text}: must be PATH=A,B, for example --across "lines.trunks=60,90,120"')
    values = [settings_from([f"{path}={piece}"])[path.strip()] for piece in pieces]
    if len({str(value) for value in values}) < len(values):
        raise CallsimError(f"--across {text}: names a value twice")
    return path.strip(), values
