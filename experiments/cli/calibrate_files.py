"""Calibrate files: the stories that a calibration leaves in its folder, with their sets and surges."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.calibrate import Calibration
    from sim.files.history import History
    from sim.files.report import Report

_MOST_SURGES = 5  # that are written; more would be policies that nobody compares


def write_stories(folder: Path, found: list[Calibration]) -> list[Path]:
    """The first calibration is the story; the others stand beside it under their names, each with its sets."""
    from experiments.screens.calibration_screen import sets_file
    from sim.files.parameters_file import parameters_text
    from sim.files.write import dump_scenario, write_whole

    names = ["scenario.toml", *(f"{one.name}.toml" for one in found[1:])]
    files = [folder / name for name in names]
    for path, one in zip(files, found, strict=True):
        beside = sets_file(one, path)
        if beside is not None and one.parameters is not None:
            write_whole(beside, parameters_text(one.parameters))
        write_whole(path, dump_scenario(one.scenario, parameters="" if beside is None else beside.name))
    return files


def write_surges(folder: Path, found: Calibration, recorded: History | Report) -> list[str]:
    """The largest surges as policies of the story, and what to say of them."""
    from sim.calibrate.surges import surges
    from sim.files.write import dump_tables, write_whole
    from sim.scenario.units import show_clock

    kinds = [kind.name for kind in found.scenario.call_types]
    seen = surges(recorded)
    said = [] if seen else ["surges: none that is sure"]
    for one in seen[:_MOST_SURGES]:
        table = one.table(kinds)
        if not table["calls"]:
            continue
        path = folder / "policies" / f"surge-{one.day}.toml"
        title = f"{one.total:,.0f} calls more than usual, as on {one.day} from {show_clock(one.at)}"
        write_whole(path, dump_tables({"name": title, "surges": [table]}))
        usual = f"{one.total:,.0f} calls (±{one.half_width:,.0f}, 95 %) more than the usual {one.usual:,.0f}"
        said.append(f"surge {one.day} {show_clock(one.at)}-{show_clock(one.until)}: {usual}; wrote {path}")
    return said
