"""`callsim warmup`: compiles the engine for this machine, so that the first study need not wait for it."""

from __future__ import annotations

import time

from experiments.cli.options import Json
from experiments.cli.output import echo, print_json
from experiments.cli.progress import Progress

SCHEMA = "callsim/warmup/1"


def warmup(json: Json = False) -> None:
    """Compile the engine once for this machine and user; later commands start from what is kept."""
    from sim.chance.jit import kernel_cache
    from sim.engines.warm import is_warm

    there, began = is_warm(), time.perf_counter()
    with Progress() as progress:
        progress.compiling("compiled")
    seconds, folder = time.perf_counter() - began, kernel_cache()
    if json:
        print_json({"schema": SCHEMA, "compiled": not there, "seconds": round(seconds, 1), "folder": folder})
        return
    echo(f"the engine {'was compiled already' if there else f'is compiled ({seconds:.0f} s)'}")
    echo(f"kept in   {folder}" if folder else "it cannot be kept: no folder to write to (set CALLSIM_CACHE to one)")
