"""Baseline: what a gate remembers of an accepted scenario, so that pairing survives without the old code or files."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from experiments.identity import MODEL_VERSION
from experiments.verdicts import Series
from sim.scenario.errors import CallsimError

SCHEMA = "callsim/baseline/1"


@dataclass(frozen=True, eq=False)
class Baseline:
    """An accepted scenario.

    content : of `identity.content`; hash : its scenario_hash; measuring : a measuring_hash
    series : "answer_rate[call_type=faults]" -> numerator and denominator of each day, shape (days,)
    middle : the same with the estimates instead of sets of parameters, where these were uncertain; else empty
    version, machine : which callsim made it, and where; for the reader
    """

    hash: str
    measuring: str
    seed: int
    days: int
    model_version: int
    version: str
    machine: str
    content: Mapping[str, Any]
    series: Mapping[str, Series]
    middle: Mapping[str, Series] = field(default_factory=dict)

    def paired(self, wanted: str, days: int) -> Series:
        """The first `days` days of a series; raises CallsimError where it is not kept that far."""
        if wanted not in self.series:
            raise CallsimError(f"the baseline holds no {wanted}: callsim gate --accept makes a new one")
        above, below = self.series[wanted]
        return above[:days], below[:days]

    def estimated(self, wanted: str, days: int) -> Series | None:
        """The same with the estimates; None where parameters were fixed."""
        if wanted not in self.middle:
            return None
        above, below = self.middle[wanted]
        return above[:days], below[:days]


def machine() -> str:
    """``linux x86_64``."""
    return f"{platform.system()} {platform.machine()}".lower()


def write_baseline(baseline: Baseline) -> str:
    """The file's text, with a checksum of what it says."""
    series, middle = (
        {name: {"above": _numbers(above), "below": _numbers(below)} for name, (above, below) in of.items()}
        for of in (baseline.series, baseline.middle)
    )
    body = {
        "schema": SCHEMA, "hash": baseline.hash, "measuring": baseline.measuring, "seed": baseline.seed,
        "days": baseline.days, "model_version": baseline.model_version, "version": baseline.version,
        "machine": baseline.machine, "content": baseline.content, "series": series,
    } | ({"middle": middle} if middle else {})  # fmt: skip
    lines = [f" {json.dumps(key)}: {json.dumps(part, sort_keys=True)}" for key, part in body.items()]
    return "{\n" + ",\n".join([*lines, f' "checksum": "{_checksum(body)}"']) + "\n}\n"


def read_baseline(path: Path) -> Baseline:
    """The baseline in a file; raises CallsimError for one that is missing, altered, or of another version of the model."""
    from sim.files.reading import read_bytes

    if not path.is_file():
        raise CallsimError(f"{path}: no such baseline; callsim gate --accept writes it")
    try:
        body = json.loads(read_bytes(path))
        checksum = body.pop("checksum")
        if body["schema"] != SCHEMA:
            raise CallsimError(f"{path}: is {body['schema']}; this callsim reads {SCHEMA}")
        if checksum != _checksum(body):
            raise CallsimError(f"{path}: was changed after it was written; callsim gate --accept makes a new one")
        series, middle = (
            {name: (_array(both["above"]), _array(both["below"])) for name, both in of.items()}
            for of in (body["series"], body.get("middle", {}))
        )
        parts = {key: body[key] for key in ("hash", "measuring", "seed", "days", "model_version", "version", "machine")}
        found = Baseline(**parts, content=body["content"], series=series, middle=middle)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CallsimError(f"{path}: is no baseline; callsim gate --accept makes a new one") from error
    if found.model_version != MODEL_VERSION:
        raise CallsimError(
            f"{path}: was made by version {found.model_version} of the model (callsim {found.version}); this is version "
            f"{MODEL_VERSION}, which gives other numbers: callsim gate --accept on the accepted scenario makes a new one"
        )
    return found


def _numbers(values: Any) -> list[float | int]:
    return [int(value) if value.is_integer() else value for value in values.tolist()]


def _array(values: list[float]) -> Any:
    return np.array(values, dtype=np.float64)


def _checksum(body: Mapping[str, Any]) -> str:
    text = json.dumps(body, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
