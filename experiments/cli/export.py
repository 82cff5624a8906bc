"""`callsim export`: a call log or an interval report as a file in callsim's own form, exact to the last bit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.history_options import From, To, check_used, counted, seconds_from, used_of
from experiments.cli.options import Json, date_from
from experiments.cli.output import echo, print_json
from sim.scenario.errors import CallsimError
from sim.scenario.units import parse_duration

if TYPE_CHECKING:
    from sim.files.history import History
    from sim.files.report import Report

_ROWS = ("intervals", "calls")


def export(
    source: Annotated[
        Path, typer.Argument(help="call log or interval report (.csv, .csv.gz, .xlsx, .parquet), or a folder of callsim import")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="the file: .csv, .xlsx or .parquet")],
    rows: Annotated[str, typer.Option(metavar="ROWS", help="intervals, or the calls of a call log")] = "intervals",
    interval: Annotated[str | None, typer.Option(help="length of an interval, for a call log; not given: 30m")] = None,
    first: From = None,
    last: To = None,
    within: Annotated[
        str | None, typer.Option(help="limit of answered_within, for a call log; not given: 20s")
    ] = None,
    credit: Annotated[
        str | None, typer.Option(metavar="WHERE", help="a call counts at its arrival, answer or end; not given: arrival")
    ] = None,
    day: Annotated[str | None, typer.Option("--date", help="the date of a report that has none")] = None,
    sheet: Annotated[str | None, typer.Option(help="of a workbook; not given: the first")] = None,
    json: Json = False,
) -> None:
    """Write intervals, or calls, as a file that spreadsheets and programs read, and callsim as it was."""
    from sim.files.report import CREDITED

    if rows not in _ROWS:
        raise CallsimError(f"--rows {rows}: must be {' or '.join(_ROWS)}; nothing was written")
    if credit not in (None, *CREDITED):
        raise CallsimError(f"--credit {credit}: must be {', '.join(CREDITED)}; nothing was written")
    counting = {"--interval": interval, "--within": within, "--credit": credit}
    given = [option for option, text in counting.items() if text is not None]
    if given and rows == "calls":
        raise CallsimError(f"{given[0]} goes with --rows intervals; nothing was written")
    step = seconds_from("--interval", interval or "30m")
    limit = _limit(within or "20s")
    since, until = date_from("--from", first), date_from("--to", last)
    _check_file(output, source, rows)

    from experiments.screens.export_screen import export_document, export_lines
    from sim.files.exported import log_file, report_file
    from sim.files.history import History
    from sim.files.intervals_of import report_of
    from sim.files.recorded import read_recorded
    from sim.files.write import write_whole

    recorded = read_recorded(source, day=date_from("--date", day), sheet=sheet)
    check_used(source, recorded, {}, {"--date": day, "--sheet": sheet})
    ending = output.suffix.lower()
    written: History | Report
    if isinstance(recorded, History):
        calls = used_of(recorded, since, until)
        read = counted(calls)
        written = calls if rows == "calls" else report_of(calls, interval=step, within=limit, credited=credit or "arrival")
    else:
        if rows == "calls":
            raise CallsimError(f"{source}: is an interval report, which has no calls; nothing was written")
        if given:
            raise CallsimError(f"{source}: is an interval report, written as it is; {given[0]} goes with a call log")
        written = used_of(recorded, since, until)
        read = counted(written)
    content = log_file(written, ending) if isinstance(written, History) else report_file(written, ending)
    write_whole(output, content)
    read += written.notes
    if json:
        print_json(export_document(written, source=str(source), read=read, file=output))
        return
    for line in export_lines(written, source=str(source), read=read, file=output):
        echo(line)


def _limit(text: str) -> float:
    seconds = parse_duration(text)
    if seconds is None:
        raise CallsimError(f"--within {text}: must be a duration such as 20s; nothing was written")
    return seconds


def _check_file(output: Path, source: Path, rows: str) -> None:
    """What can be known of the file before the source is read, which may take long."""
    from sim.files.exported import LOG_ENDINGS, REPORT_ENDINGS
    from sim.files.parquet import PARQUET, parquet_library

    endings = REPORT_ENDINGS if rows == "intervals" else LOG_ENDINGS
    if output.suffix.lower() not in endings:
        raise CallsimError(f"{output}: {rows} are written as {', '.join(endings)}; nothing was written")
    try:
        if output.is_dir():
            raise CallsimError(f"{output}: is a folder; name a file in it")
        if not output.parent.is_dir():
            raise CallsimError(f"{output}: there is no folder {output.parent}; nothing was written")
        if output.exists() and source.exists() and output.samefile(source):
            raise CallsimError(f"{output}: is the source, which is not written over; name another file")
    except OSError as error:
        raise CallsimError(f"{output}: cannot be written ({error.strerror})") from None
    if output.suffix.lower() == PARQUET:
        parquet_library()
