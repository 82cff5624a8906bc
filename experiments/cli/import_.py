"""`callsim import`: exports of a switch become one call log or interval report, with an account of what was assumed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.options import Json, date_from
from experiments.cli.output import as_json, echo, print_json
from experiments.cli.progress import Progress
from sim.scenario.errors import CallsimError

if TYPE_CHECKING:
    from sim.files.importers.importing import Imported

_RULES = {
    "--dst": ("wall clock", "standard time", "set aside"),
    "--times": ("m:ss", "h:mm"),
    "--dates": ("day/month", "month/day"),
    "--doubled": ("same", "last", "sum", "error"),
    "--missing": ("gap", "zero"),
}


def import_(
    files: Annotated[
        list[Path] | None, typer.Argument(help="exports of one kind: .csv, .txt, .json, also .gz, or workbooks")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="a new or empty folder for what is read")] = None,
    form: Annotated[str, typer.Option("--format", metavar="NAME", help="auto, or one that --formats lists")] = "auto",
    mapping: Annotated[Path | None, typer.Option(help="a mapping file (.toml) that says how the columns are read")] = None,
    formats: Annotated[bool, typer.Option("--formats", help="list the known forms, and read nothing")] = False,
    zone: Annotated[str | None, typer.Option(help='where the call center is: "Europe/Berlin", "Asia/Shanghai"')] = None,
    dst: Annotated[
        str | None, typer.Option(metavar="RULE", help='days when clocks change: "wall clock", "standard time", "set aside"')
    ] = None,
    times: Annotated[str, typer.Option(metavar="HOW", help="how 4:30 is read where it is a duration: m:ss or h:mm")] = "m:ss",
    dates: Annotated[
        str | None, typer.Option(metavar="HOW", help="how 03/04/2026 is read: day/month or month/day")
    ] = None,
    doubled: Annotated[
        str, typer.Option(metavar="RULE", help="two rows for one interval: same (must be), last, sum or error")
    ] = "same",
    missing: Annotated[str | None, typer.Option(metavar="RULE", help="intervals without a row: gap or zero")] = None,
    keep_ids: Annotated[bool, typer.Option("--keep-ids", help="keep callers and agents as they are, not as hashes")] = False,
    id_key: Annotated[Path | None, typer.Option(help="a file with the key of the hashes; not given: your own")] = None,
    day: Annotated[str | None, typer.Option("--date", help="the date of a report that has none")] = None,
    sheet: Annotated[str | None, typer.Option(help="of a workbook; not given: all that have such a table")] = None,
    json: Json = False,
) -> None:
    """Read what a switch or a planner's sheet exports, and say what was read, left out and assumed."""
    from experiments.screens.import_screen import format_lines, import_document, import_lines

    if formats:
        for line in format_lines():
            echo(line)
        return
    if not files:
        raise CallsimError("FILES: name the exports to read, or --formats to see which are known")
    if output is None:
        raise CallsimError("--output: name a new or empty folder for what is read, such as -o history")
    for option, given in zip(_RULES, (dst, times, dates, doubled, missing), strict=True):
        if given is not None and given not in _RULES[option]:
            raise CallsimError(f"{option} {given}: must be {', '.join(_RULES[option])}; nothing was read")
    if mapping is not None and form != "auto":
        raise CallsimError("--mapping: says how the file is read, and so does --format; give one of them")
    if id_key is not None and keep_ids:
        raise CallsimError("--id-key: goes with hashes, which --keep-ids turns off")
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        if output.is_dir() and all(one.name.startswith(".") for one in output.iterdir()):
            raise CallsimError(f"{output}: holds what a killed import left; remove the folder, and import once more")
        raise CallsimError(f"{output}: is not empty; nothing was written. Name a new or empty folder")

    from sim.files.importers.importing import Options, import_files
    from sim.files.write import write_whole

    options = Options(
        form=form, mapping=mapping, sheet=sheet, day=date_from("--date", day), zone=zone, dst=dst,  # type: ignore[arg-type]
        times=times, dates=dates, doubled=doubled, missing=missing, keep_ids=keep_ids, key=id_key,  # type: ignore[arg-type]
    )  # fmt: skip
    with Progress("MB") as progress:
        found = import_files(files, output, options, progress=lambda done, size: progress(done >> 20, max(size >> 20, 1)))
    document = import_document(found, [str(path) for path in files], hashed=not keep_ids)
    lines = import_lines(found, files, hashed=not keep_ids)
    write_whole(output / REPORT, "\n".join(lines) + "\n")
    write_whole(output / DOCUMENT, as_json(document) + "\n")
    if json:
        print_json(document)
        return
    for line in [*lines, *_end(found, output)]:
        echo(line)


REPORT, DOCUMENT = "import-report.txt", "import.json"


def _end(found: Imported, output: Path) -> list[str]:
    from experiments.screens.present import wrapped

    written = [*found.files, output / REPORT, output / DOCUMENT]
    return [
        *wrapped("wrote", ", ".join(str(path) for path in written)),
        *wrapped("next", f"callsim calibrate {output} -o story"),
    ]
