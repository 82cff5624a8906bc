"""callsim: what a change does to a call center's answer rate, before it is deployed.

``import callsim as cs`` is all a notebook needs: ``cs.load``, ``cs.resolve``, ``cs.draw``, ``cs.simulate``,
``cs.tally``, every measure by its name (``cs.answer_rate``), ``cs.run`` and ``cs.compare``. A name is imported when it
is first used, so importing this module loads neither numba nor scipy nor matplotlib.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.compare import Comparison as Comparison
    from experiments.compare import compare as compare
    from experiments.run import Results as Results
    from experiments.run import run as run
    from experiments.store import Store as Store
    from experiments.study import Study as Study
    from experiments.tasks import replicate as replicate
    from experiments.verdicts import Verdict as Verdict
    from experiments.verdicts import check as check
    from sim.calibrate.calibration import Calibration as Calibration
    from sim.calibrate.day_replay import RecordedDay as RecordedDay
    from sim.calibrate.day_replay import recorded_day as recorded_day
    from sim.calibrate.from_log import calibrate as calibrate
    from sim.calls import AgentLog as AgentLog
    from sim.calls import CallLog as CallLog
    from sim.calls import Day as Day
    from sim.calls import Outcome as Outcome
    from sim.chance.drawing import draw as draw
    from sim.chance.ranges import resolve as resolve
    from sim.chance.tape import Tape as Tape
    from sim.engines import simulate as simulate
    from sim.files import load as load
    from sim.files.call_log import read_call_log as read_call_log
    from sim.files.history import History as History
    from sim.measures.log_waits import wait_quantile as wait_quantile
    from sim.measures.log_waits import waits_of as waits_of
    from sim.scenario.errors import CallsimError as CallsimError
    from sim.scenario.errors import Problem as Problem
    from sim.scenario.errors import ScenarioError as ScenarioError
    from sim.scenario.scenario import Scenario as Scenario
    from sim.tally import tally as tally
    from sim.tally.measuring import Measuring as Measuring
    from sim.tally.tally import Tally as Tally

# Name -> the module that defines it; the main road first, then the types that stand on it. The imports above say the
# same to type checkers; a test compares the two.
_PLACES = {
    "load": "sim.files",
    "resolve": "sim.chance.ranges",
    "draw": "sim.chance.drawing",
    "simulate": "sim.engines",
    "tally": "sim.tally",
    "replicate": "experiments.tasks",
    "run": "experiments.run",
    "compare": "experiments.compare",
    "check": "experiments.verdicts",
    "waits_of": "sim.measures.log_waits",
    "wait_quantile": "sim.measures.log_waits",
    "read_call_log": "sim.files.call_log",
    "calibrate": "sim.calibrate.from_log",
    "recorded_day": "sim.calibrate.day_replay",
    "Scenario": "sim.scenario.scenario",
    "Tape": "sim.chance.tape",
    "Day": "sim.calls",
    "CallLog": "sim.calls",
    "AgentLog": "sim.calls",
    "Outcome": "sim.calls",
    "Measuring": "sim.tally.measuring",
    "Tally": "sim.tally.tally",
    "Study": "experiments.study",
    "Store": "experiments.store",
    "Results": "experiments.run",
    "Comparison": "experiments.compare",
    "Verdict": "experiments.verdicts",
    "History": "sim.files.history",
    "Calibration": "sim.calibrate.calibration",
    "RecordedDay": "sim.calibrate.day_replay",
    "CallsimError": "sim.scenario.errors",
    "ScenarioError": "sim.scenario.errors",
    "Problem": "sim.scenario.errors",
}
_MEASURES = "sim.measures"  # every measure is a public name of the face as well

__all__ = list(_PLACES)


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        found = getattr(import_module(_PLACES[name]), name)
    elif not name.startswith("_") and name in _measures():
        found = getattr(import_module(_MEASURES), name)
    else:
        raise AttributeError(f"module 'callsim' has no attribute {name!r}")
    globals()[name] = found  # the next use finds it without asking
    return found


def __dir__() -> list[str]:
    return sorted([*__all__, *_measures()])


def _measures() -> set[str]:
    """Names of all measures, as ``callsim measures`` lists them."""
    return set(import_module(_MEASURES).MEASURES)
