"""Recorded days of a small call center whose truth is known, for tests of what is measured in them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

from experiments.screens.call_table import as_csv, columns
from sim.calibrate import calibrate
from sim.chance import draw, resolve
from sim.engines import simulate
from sim.files import dump_scenario
from sim.files.call_log import read_call_log
from sim.files.history import History
from sim.files.parameters_file import parameters_text
from sim.scenario.scenario import Scenario

MONDAY = date(2024, 3, 4)
_OF_A_CALL = (
    "number", "call_type", "arrival", "ivr_exit", "queue_entry", "answer", "end", "release", "outcome", "agent", "group",
    "accepted",
)  # fmt: skip


def desk() -> Scenario:
    """Two types on one group from 9 to 13 o'clock, about 130 calls a day; busy days, an IVR, labels."""
    return Scenario.model_validate(
        {
            "name": "known",
            "calendar": {"start": MONDAY, "opens": "09:00", "closes": "13:00"},
            "factors": [{"name": "day", "cv": 0.1}],
            "call_types": [
                {"name": "a", "arrivals": {"per_hour": 25}, "busyness": {"factors": ["day"]},
                 "talk": {"lognormal": {"mean": "4m", "cv": 0.7}}, "wrap_up": {"exponential": {"mean": "30s"}},
                 "patience": {"exponential": {"mean": "2m"}}, "balking": 0.1},
                {"name": "b", "arrivals": {"per_hour": 8}, "busyness": {"factors": ["day"]},
                 "talk": {"exponential": {"mean": "3m"}}, "patience": {"exponential": {"mean": "4m"}},
                 "labels": {"team": {"old": 0.25, "new": 0.75}}},
            ],
            "groups": [{"name": "all", "skills": [["a", "b"]], "agents": 3}],
            "ivr": {"delay": 15, "hang_up": {"a": 0.05}},
        }
    )  # fmt: skip


PROFILES = {"a": (22, 30, 38, 34, 28, 24, 20, 16), "b": (8, 10, 14, 16, 16, 14, 10, 8)}


def everything() -> Scenario:
    """All that a log says, in one desk: profiles, swing of all kinds, patience that is no exponential, an IVR that contains,
    labels, wrap-up; about 310 calls a day from 9 to 13 o'clock on six agents who are too few.
    """
    shared, wrap_up = ["day", "hours", "intervals"], {"uniform": {"low": 5, "high": 25}}
    return Scenario.model_validate(
        {
            "name": "everything",
            "calendar": {"start": MONDAY, "opens": "09:00", "closes": "13:00"},
            "factors": [{"name": "day", "cv": 0.1}, {"name": "hours", "cv": 0.15, "part": "30m", "correlation": 0.6},
                        {"name": "intervals", "cv": 0.0, "part": "30m"}],
            "call_types": [
                {"name": "a", "arrivals": {"per_interval": PROFILES["a"]}, "busyness": {"cv": 0.1, "factors": shared},
                 "talk": {"lognormal": {"mean": "4m", "cv": 0.7}}, "wrap_up": wrap_up,
                 "patience": {"weibull": {"mean": "2m", "shape": 1.6}}, "balking": 0.1},
                {"name": "b", "arrivals": {"per_interval": PROFILES["b"]}, "busyness": {"cv": 0.2, "factors": shared},
                 "talk": {"hyperexponential": {"means": ["1m", "6m"], "shares": [0.6, 0.4]}}, "wrap_up": wrap_up,
                 "patience": {"exponential": {"mean": "4m"}}, "labels": {"team": {"old": 0.25, "new": 0.45, "none": 0.3}}},
            ],
            "groups": [{"name": "all", "skills": [["a", "b"]], "agents": 6}],
            "ivr": {"delay": {"lognormal": {"mean": 20, "cv": 0.6}}, "hang_up": {"a": 0.05}, "containment": {"b": 0.2}},
        }
    )  # fmt: skip


def recorded(folder: Path, *, days: int, seed: int, scenario: Scenario | None = None) -> History:
    """So many simulated weekdays of the desk, or of another story, as one log."""
    scenario, parts = scenario or desk(), []
    for day in range(days):
        when = MONDAY + timedelta(days=day + 2 * (day // 5))
        dated = scenario.with_({"calendar.start": when})
        text = as_csv(columns(simulate(dated, draw(resolve(dated, seed=seed, replication=day), seed=seed, replication=day))))
        parts.append(text if not day else text.split("\n", 1)[1])
    path = folder / f"log{seed}.csv"
    path.write_text("".join(parts))
    return read_call_log(path)


def story_with_sets(folder: Path, sets: int, policy: str, text: str) -> Path:
    """A story in the folder, measured on 12 simulated days of the desk (seed 8), with so many sets beside it and a policy."""
    (found,) = calibrate(recorded(folder, days=12, seed=8), weekdays=((0, 1, 2, 3, 4),), sets=sets)
    assert found.parameters is not None
    story = folder / "desk"
    (story / "policies").mkdir(parents=True)
    (story / "scenario.toml").write_text(dump_scenario(found.scenario, parameters="parameters.json.gz"))
    (story / "parameters.json.gz").write_bytes(parameters_text(found.parameters))
    (story / "policies" / f"{policy}.toml").write_text(text)
    return story


def as_recorded(scenario: Scenario, *, days: int, seed: int, source: str = "days") -> History:
    """So many simulated weekdays as a log of calls whose callers are known, without a file between; without labels."""
    columns_: dict[str, list[npt.NDArray[np.int64]]] = {}
    resolved = resolve(scenario, seed=seed)
    for day in range(days):
        log = simulate(resolved, draw(resolved, seed=seed, replication=day)).calls
        when = MONDAY + timedelta(days=day + 2 * (day // 5))
        row = {name: getattr(log, name) for name in _OF_A_CALL} | {
            "day": np.full(len(log), when.toordinal()), "customer": log.caller + 1_000_000 * day,
        }  # fmt: skip
        for name, values in row.items():
            columns_.setdefault(name, []).append(values)
    joined = {name: np.concatenate(parts) for name, parts in columns_.items()}
    return History(
        source=source, layout="simulated", call_types=tuple(kind.name for kind in scenario.call_types), **joined,
        groups=tuple(group.name for group in scenario.groups), label=np.zeros((len(joined["day"]), 0), np.int64),
    )  # fmt: skip
