"""Backtest document: ``callsim/backtest/1``, what the screen and the model card say, for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from experiments.backtest import Backtest, Rung
from experiments.backtest_misfit import Misfit
from experiments.backtest_scores import Score, inside_band
from experiments.screens.backtest_words import told, verdict

BACKTEST = "callsim/backtest/1"


def backtest_document(found: Backtest, *, read: Sequence[str]) -> dict[str, Any]:
    """Shares from 0 to 1, times in seconds; an estimate is {value, low, high} at 95 %, jackknifed over days."""
    fit, chosen, asked = found.fit, found.chosen, found.asked
    return {
        "schema": BACKTEST,
        "source": found.source,
        "read": list(read),
        "fitted": {
            "name": fit.name,
            "days": fit.days,
            "first": str(found.split.fitted[0]),
            "last": str(found.split.fitted[-1]),
            "others": found.split.others,
            "set_aside": [{"date": str(day), "calls": calls, "why": why} for day, calls, why in fit.set_aside],
            "notes": list(fit.notes),
        },
        "tested": {
            "dates": [str(day) for day in chosen.days],
            "staffing_from": [[str(day) for day in days] for days in chosen.before],
            "other_weekdays": [str(day) for day in chosen.other],
            "set_aside": [{"date": str(day), "calls": calls, "why": why} for day, calls, why in chosen.set_aside],
        },
        "interval": float(fit.scenario.calendar.interval),
        "within": asked.within,
        "credit": asked.credit,
        "seed": asked.seed,
        "days": asked.replications,
        "verdict": verdict(found),
        "forecast": _rung(found, found.forecast),
        "given": _rung(found, found.given),
        "parts": [_part(one._asdict()) for one in found.parts],
        "by_day": _by_day(found),
        "with_set_aside": _wider(found),
        "sources": {path: source.model_dump() for path, source in fit.scenario.sources.items()},
    }


def _wider(found: Backtest) -> dict[str, Any] | None:
    if found.wider is None:
        return None
    rungs = {name: _rung(found, rung) for name, rung in found.wider.rungs.items()}
    parts = [_part(one._asdict()) for one in found.wider.parts]
    return {"dates": [str(day) for day in found.wider.days], **rungs, "parts": parts}


def _part(one: dict[str, Any]) -> dict[str, Any]:
    estimates = {name: asdict(one[name]) for name in ("interval", "day", "asa", "bias", "inside")}
    return one | estimates | {"given": one["given"]._asdict()}


def _rung(found: Backtest, rung: Rung) -> dict[str, Any]:
    beside = rung.beside
    return {
        "told": told(found, rung.name),
        "days": {name: _score(one) for name, one in rung.days.items()},
        "intervals": {name: _score(one) for name, one in rung.intervals.items()},
        "erlang_a": {
            "intervals": _score(beside.a_interval), "days": _score(beside.a_day), "asa": _score(beside.a_asa),
            "gain": asdict(beside.gain),
        },
        "erlang_c": {
            "intervals": _score(beside.c_interval), "days": _score(beside.c_day), "no_answer": beside.no_answer[0],
            "of": beside.no_answer[1],
        },
        "misfits": [_misfit(one) for one in rung.misfits],
        "call_types": [_misfit(one) for one in rung.types],
        "far_days": [
            {"date": str(one.day), "recorded": one.recorded, "simulated": one.simulated} for one in rung.far
        ],
    }  # fmt: skip


def _score(one: Score) -> dict[str, Any]:
    table = asdict(one)
    return table | {"inside": {f"{level:g}": asdict(inside) for level, inside in one.inside.items()}}


def _misfit(one: Misfit) -> dict[str, Any]:
    return one._asdict()


def _by_day(found: Backtest) -> list[dict[str, Any]]:
    """The answer rate of each tested day; `inside` : how much of its rank is in the 80 % band, 0 or 1 but for ties."""
    rows = []
    for at, day in enumerate(found.days):
        sides = {}
        for rung in (found.forecast, found.given):
            pair = rung.rates[at]
            sides[rung.name] = {
                "simulated": pair.simulated, "inside": inside_band(pair, 0.8), "erlang_a": rung.beside.a_rates[at],
            }  # fmt: skip
        rows.append({"date": str(day), "recorded": found.given.rates[at].recorded, **sides})
    return rows
