"""`callsim sweep`: every cell of a study file, into a folder with a store from which it goes on."""

from __future__ import annotations

import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments.cli.errors import INTERRUPTED
from experiments.cli.options import FIGURES, Jobs, Json, check_jobs, check_output, check_parameters
from experiments.cli.output import as_json, echo, note, print_json
from experiments.cli.progress import Progress
from experiments.cli.workers import workers
from sim.scenario.errors import CallsimError, CannotFinishError

if TYPE_CHECKING:
    from experiments.store import Store
    from experiments.study_file import Plan
    from experiments.sweep import Swept

STORE = "store.sqlite"


class StoppedError(CallsimError):
    """Ctrl-C, with something kept to go on from."""

    exit_code = INTERRUPTED


def sweep(
    study: Annotated[Path, typer.Argument(help="a study file, or a folder or shipped story with a study.toml")],
    out: Annotated[Path, typer.Option("-o", "--out", help="the folder for the store and the results")],
    resume: Annotated[bool, typer.Option("--resume", help="go on with a folder that is there")] = False,
    jobs: Jobs = None,
    dask: Annotated[
        str | None, typer.Option("--dask", metavar="ADDRESS", help="simulate on a Dask cluster: tcp://host:port")
    ] = None,
    figure: Annotated[
        Path | None, typer.Option("--figure", help="of design one at a time: write the tornado as .png, .svg or .pdf")
    ] = None,
    parameters: Annotated[
        str | None, typer.Option("--parameters", help="fixed or uncertain, instead of what the study file says")
    ] = None,
    parquet: Annotated[bool, typer.Option("--parquet", help="write results.parquet as well")] = False,
    json: Json = False,
) -> None:
    """Simulate every cell of a study; what is stored is not simulated again. Writes results.csv and results.xlsx."""
    from experiments.asked import find_file
    from experiments.screens.sweep_screen import sweep_document, sweep_lines
    from experiments.store import Store
    from experiments.study_file import read_study
    from experiments.sweep import sweep as sweep_it

    count = check_jobs(jobs)
    check_output("--figure", figure, FIGURES)
    study = find_file(study, "study.toml")
    plan = read_study(study, parameters=None if parameters is None else check_parameters(parameters))
    if figure is not None and plan.method != "one at a time":
        raise CallsimError(f'--figure: draws the tornado of design = "one at a time"; {study} has "{plan.method}"')
    path = out / STORE
    if path.exists() and not resume:
        raise CallsimError(f"{out}: holds a study already; --resume goes on with it, -o names another folder")
    if out.exists() and not out.is_dir():
        raise CallsimError(f"{out}: is no folder")
    check_output("-o", out.parent / "results.csv" if not out.exists() else out / "results.csv")
    _make(out)
    with Store(path) as store:
        _same_model(store, out)
        kept = f"what is done is kept: callsim sweep {study} -o {out} --resume goes on"
        run = store.begin_run(manifest(plan, study), _now())
        try:
            if dask is None:
                with Progress().compiling("compiled") as progress, workers(count, "compiled") as executor:
                    found = sweep_it(plan, store, executor=executor, progress=progress)
            else:
                from experiments.cli.cluster import TASK_CALLS, cluster

                with Progress() as progress, cluster(dask) as executor:
                    found = sweep_it(plan, store, executor=executor, progress=progress, task_calls=TASK_CALLS)
        except KeyboardInterrupt:
            raise StoppedError(f"interrupted; {kept}") from None
        except CannotFinishError:
            note(kept)
            raise
        store.end_run(run, _now())
        files = _write(found, store, out, parquet)
    if figure is not None:
        from experiments.cli.figures import write_tornado
        from experiments.sensitivity import tornado

        write_tornado(figure, tornado(plan, found.rows), plan.first.reading, found.days, plan.horizon)
        files.append(figure)
    if json:
        print_json(sweep_document(found, files=[str(file) for file in files]))
    else:
        for line in sweep_lines(found):
            echo(line)
    note("wrote " + ", ".join(str(file) for file in files))


def manifest(plan: Plan, study: Path) -> dict[str, Any]:
    """What makes a run: its cells by hash, versions, machine, command."""
    import numba
    import numpy

    from experiments.baseline import machine
    from experiments.cli.main import version
    from experiments.identity import MODEL_VERSION, measuring_hash, scenario_hash

    return {
        "study": study.name, "title": plan.title, "seed": plan.seed, "days": plan.days, "sets": plan.sets, "method": plan.method,
        "measures": list(plan.measures), "measuring": measuring_hash(plan.measuring), "baseline": plan.baseline,
        "cells": {cell.name: scenario_hash(cell.scenario) for cell in plan.cells},
        "callsim": version(), "model_version": MODEL_VERSION, "python": platform.python_version(),
        "numpy": numpy.__version__, "numba": numba.__version__, "machine": machine(),
        "command": ["callsim", *sys.argv[1:]],
    }  # fmt: skip


def _write(found: Swept, store: Store, out: Path, parquet: bool) -> list[Path]:
    from experiments.screens.sweep_screen import sweep_columns
    from sim.files import write_whole
    from sim.files.write_table import as_csv, as_parquet, as_xlsx

    columns = sweep_columns(found)
    contents: dict[str, str | bytes] = {"results.csv": as_csv(columns), "results.xlsx": as_xlsx(columns)}
    if parquet:
        contents["results.parquet"] = as_parquet(columns)
    story = {"schema": "callsim/manifest/1", "runs": store.runs(), "scenarios": store.scenarios()}
    contents["manifest.json"] = as_json(story) + "\n"
    for name, content in contents.items():
        write_whole(out / name, content)
    return [out / name for name in contents]


def _make(out: Path) -> None:
    try:
        out.mkdir(exist_ok=True)
    except OSError as error:
        raise CannotFinishError(f"{out}: cannot be made ({error.strerror})") from None


def _same_model(store: Store, out: Path) -> None:
    """Refuse to mix versions of the model in one folder, whose files would then say two things."""
    from experiments.identity import MODEL_VERSION

    others = {version: days for version, days in store.models().items() if version != MODEL_VERSION}
    if others:
        version, days = max(others.items())
        raise CallsimError(
            f"{out}: its {days:,} days were made by version {version} of the model; this is version {MODEL_VERSION}, which "
            "gives other numbers. They stay as they are: -o names another folder"
        )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
