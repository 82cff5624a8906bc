"""`callsim results`: what a folder of a sweep holds, and which version made it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from experiments.cli.options import Json
from experiments.cli.output import echo, print_json
from sim.scenario.errors import CallsimError

SCHEMA = "callsim/results/1"


def results(
    folder: Annotated[Path, typer.Argument(help="a folder that callsim sweep made")],
    json: Json = False,
) -> None:
    """The runs that made a folder, and the days its store holds by version of the model; simulates nothing."""
    from experiments.cli.sweep import STORE
    from experiments.identity import MODEL_VERSION
    from experiments.store import Store

    path = folder / STORE
    if not path.is_file():
        raise CallsimError(f"{folder}: holds no {STORE}; callsim sweep STUDY -o {folder} makes one")
    with Store(path) as store:
        runs, models = store.runs(), store.models()
    if json:
        print_json({"schema": SCHEMA, "folder": str(folder), "models": {str(k): n for k, n in models.items()}, "runs": runs})
        return
    for one in runs:
        echo(_said(one))
    for version, days in models.items():
        mine = "" if version == MODEL_VERSION else f" (this callsim has version {MODEL_VERSION}, and does not mix them in)"
        echo(f"{days:,} simulated days of version {version} of the model{mine}")


def _said(run: dict[str, Any]) -> str:
    ended = f"ended {run['ended']}" if run["ended"] else "was stopped"
    cells, days = len(run.get("cells", {})), run.get("days", 0)
    made = f"callsim {run.get('callsim', '?')}, model {run.get('model_version', '?')}, {run.get('machine', '?')}"
    return f"{run['began']}  {run.get('title', '')}: {cells:,} cells, {days:,} days each, seed {run.get('seed')}; {made}; {ended}"
