"""Patience of a report without waits: such that Erlang A loses as many as it says."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from experiments.statistics import chance
from sim.calibrate import calibrate_report
from sim.erlang import erlang_a
from sim.files.report import Report

MONDAY, DAYS, CALLS, TALK, AGENTS, PATIENCE = date(2026, 3, 2), 20, (40.0, 50.0, 60.0, 45.0), 200.0, 4, 150.0


def in_balance(seed: int) -> Report:
    """Mondays of four half-hours, each of which loses callers as Erlang A says of its calls in the mean; no waits."""
    rng = np.random.default_rng(seed)
    lost = [erlang_a(calls_per_hour=2 * calls, aht=TALK, agents=AGENTS, patience=PATIENCE).abandonment_rate for calls in CALLS]
    offered = rng.poisson(np.tile(CALLS, DAYS)).astype(float)
    abandoned = rng.binomial(offered.astype(int), np.tile(lost, DAYS)).astype(float)
    known, unknown = np.ones(len(offered)), np.full(len(offered), np.nan)
    return Report(
        source="in balance", interval=1800.0, call_types=("calls",),
        day=tuple(MONDAY + timedelta(weeks=day) for day in range(DAYS) for _ in CALLS),
        start=np.tile(28_800.0 + 1800.0 * np.arange(len(CALLS)), DAYS), call_type=np.zeros(len(offered), np.int64),
        offered=offered, answered=offered - abandoned, abandoned=abandoned, aht=TALK * known, wait_answered=unknown,
        wait_abandoned=unknown, heads=AGENTS * known,
    )  # fmt: skip


@pytest.mark.slow
def test_intervals_of_a_patience_by_erlang_a_hold_it() -> None:
    """40 reports (seeds 0 to 39), 80 sets each: 95 % intervals of the median hold it so often that the 99.9 % binomial interval
    of the coverage reaches 95 % (from 32 of 40 on it does).
    """
    hits = 0
    for seed in range(40):
        (found,) = calibrate_report(in_balance(seed), weekdays=((0,),), sets=80)
        low, high = found.intervals["call_types.calls.patience.50 %"]
        hits += low <= PATIENCE * np.log(2) <= high
    assert chance(hits, 40, level=0.999).high >= 0.95, hits
