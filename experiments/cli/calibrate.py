"""`callsim calibrate`: a call log or an interval report becomes a story, every input marked measured, given or assumed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.history_options import (
    From,
    HeadStart,
    OwnAgents,
    To,
    head_starts,
    seconds_from,
    used_of,
    weekday_groups,
)
from experiments.cli.options import Json, date_from
from experiments.cli.output import echo, print_json
from sim.scenario.errors import CallsimError

if TYPE_CHECKING:
    from sim.calibrate import Calibration


def calibrate(
    log: Annotated[
        Path, typer.Argument(help="call log or interval report (.csv, .csv.gz, .xlsx, .parquet), or a folder of callsim import")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="a new or empty folder for the story")],
    first: From = None,
    last: To = None,
    weekdays: Annotated[
        str | None, typer.Option(help='days that belong together: "sunday-thursday,friday"; not given: by the data')
    ] = None,
    interval: Annotated[str, typer.Option(help="length of an interval, for a call log")] = "30m",
    head_start: HeadStart = None,
    own_agents: OwnAgents = None,
    day: Annotated[str | None, typer.Option("--date", help="the date of a report that has none")] = None,
    sheet: Annotated[str | None, typer.Option(help="of a workbook; not given: the first")] = None,
    json: Json = False,
) -> None:
    """Measure a story in recorded calls: profiles, busyness, handle times, censored patience, staffing."""
    groups = weekday_groups(weekdays)
    since, until = date_from("--from", first), date_from("--to", last)
    starts = head_starts(head_start)
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise CallsimError(f"{output}: is not empty; nothing was written. Name a new or empty folder")

    from experiments.screens.calibration_screen import calibration_document, calibration_lines
    from sim.calibrate import calibrate as measure
    from sim.calibrate import calibrate_report
    from sim.files.history import History
    from sim.files.recorded import read_recorded

    recorded = read_recorded(log, day=date_from("--date", day), sheet=sheet)
    if isinstance(recorded, History):
        history = used_of(recorded, since, until)
        found = measure(
            history,
            interval=seconds_from("--interval", interval),
            weekdays=groups,
            head_start=starts,
            own_agents=tuple(own_agents or ()),
        )
        read = [f"{len(history):,} calls of {len(history.days())} days", history.layout, *history.notes]
    else:
        report = recorded.between(since, until)
        found = calibrate_report(report, weekdays=groups)
        read = [f"{len(report.day):,} rows of {len(set(report.day))} days", "interval report", *report.notes]
    files = _write(output, found)
    if json:
        print_json(calibration_document(found, files, log=str(log), read=read))
        return
    for line in calibration_lines(found, files, log=str(log), read=read):
        echo(line)


def _write(folder: Path, found: list[Calibration]) -> list[Path]:
    """The first calibration is the story; the others stand beside it under their names."""
    from sim.files.write import dump_scenario, write_whole

    names = ["scenario.toml", *(f"{one.name}.toml" for one in found[1:])]
    files = [folder / name for name in names]
    for path, one in zip(files, found, strict=True):
        write_whole(path, dump_scenario(one.scenario))
    return files

