"""Replay screen: the recorded day beside its replay, for the reader must know how far the replay can be believed."""

from __future__ import annotations

from typing import Any

from experiments.run import Results
from experiments.screens.present import count, half_width, percent, wrapped
from experiments.statistics import ratio
from experiments.values import reads
from sim.calibrate import RecordedDay
from sim.engines.plan import frame
from sim.measures import MEASURES, Cut, Measure
from sim.tally import Tally, tally

REPLAY = "callsim/replay/1"
_BESIDE = ("answer_rate", "abandonment_rate", "asa", "mean_wait", "delayed_rate", "service_level")


def replay_lines(results: Results, name: str, found: RecordedDay) -> list[str]:
    """Lines of at most 100 columns: the record beside the replay of the scenario `name`, and what both rest on."""
    real, again = _record(found), results.tallies[name]
    lines = [f"{'':<19}{'recorded':>12}{'replayed':>18}   definition"]
    for measure in _BESIDE:
        there = MEASURES[measure]
        seen = _shown(there, there.value(real, Cut()))
        estimate = ratio(*there.parts(again, Cut()))
        width = f" ±{half_width(estimate.half_width, reads(measure))}" if results.days > 1 else ""
        lines.append(f"{measure:<19}{seen:>12}{_shown(there, estimate.value) + width:>18}   {there.formula}")
    offered = MEASURES["offered"]
    calls = f"{offered.value(real, Cut()):,.0f} offered in the record, {offered.value(again, Cut()):,.0f} in the replay"
    lines += ["", *wrapped("calls", f"{calls}; ± is the simulation noise of {results.days} replays")]
    sources = found.scenario.sources
    heads = [f"{path}: {one.note}" for path, one in sources.items() if "groups" in path]
    if heads:
        lines += wrapped("heads", "; ".join(heads))
    if "agents" in sources:
        lines += wrapped("agents", f"{len(found.scenario.agents)} one by one: {sources['agents'].note}")
    for text in found.notes:
        lines += wrapped("note", text)
    return [*lines, ""]


def replay_document(results: Results, name: str, found: RecordedDay) -> dict[str, Any]:
    """``callsim/replay/1``: a comparison (callsim/compare/1) with `record` and `replayed`, measure -> value, and `notes`."""
    real, again = _record(found), results.tallies[name]
    return {
        "schema": REPLAY,
        "record": {measure: MEASURES[measure].value(real, Cut()) for measure in _BESIDE},
        "replayed": {measure: MEASURES[measure].value(again, Cut()) for measure in _BESIDE},
        "notes": list(found.notes),
    }


def _record(found: RecordedDay) -> Tally:
    return tally(found.calls.as_day(frame(found.scenario)))


def _shown(measure: Measure, value: float) -> str:
    return f"{count(value, 1)} s" if measure.unit == "s" else percent(value)
