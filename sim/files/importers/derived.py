"""Derived: the columns of a Report from what an export has, and what is said of how they came about."""

from __future__ import annotations

import numpy as np

from sim.files.account import Account
from sim.files.importers.mapping import Mapping
from sim.files.report import NUMBERS, Floats, unknown

_COUNTS = ("offered", "answered", "abandoned")


def derived(given: dict[str, Floats], mapping: Mapping, step: float, account: Account) -> dict[str, Floats]:
    """The columns of a Report from what the export has; what was put together of what is said."""
    found = {name: given.get(name, unknown(len(given["offered"]))).copy() for name in NUMBERS}
    _count(found, given, mapping, account)
    answered, abandoned = found["answered"], found["abandoned"]
    with np.errstate(divide="ignore", invalid="ignore"):
        _handle(found, given, answered, mapping, account)
        _fill(found["wait_answered"], given["asa"] * answered)
        _fill(found["wait_abandoned"], given["mean_wait_abandoned"] * abandoned)
        _fill(found["staffed"], given["staffed_time"] / step)
        _fill(found["heads"], (given["staffed_time"] - given["aux_time"]) / step)
    if not np.isnan(given["aux_time"]).all():
        means = (np.nanmean(found["staffed"]), np.nanmean(found["heads"]))
        said = f"staffed time includes aux: on average {means[0]:.1f} staffed, {means[1]:.1f} of them on the phones"
        account.say("staffed", said)
    elif not np.isnan(found["staffed"]).all() and np.isnan(found["heads"]).all():
        said = f"{np.nanmean(found['staffed']):.1f} on average; whether that includes aux is not in the export"
        account.say("staffed", said, assumed=True)
    if not np.isnan(given["service_level"]).all():
        account.say("read", "the share within the service level was not used: how it is defined is not in the export")
    return found


def _count(found: dict[str, Floats], given: dict[str, Floats], mapping: Mapping, account: Account) -> None:
    """Offered, answered and abandoned: one of them may follow from the others."""
    offered, answered, abandoned = (found[name] for name in _COUNTS)
    if np.isnan(offered).all():
        names = mapping.denominator or ("answered", "abandoned")
        _fill(offered, sum((np.nan_to_num(given[name]) for name in names), np.zeros(len(offered))))
        account.say("offered", f"is not in the export: taken as {' + '.join(names)}", assumed=True)
    elif np.isnan(answered).all():
        _fill(answered, offered - abandoned)
        account.say("answered", "is not in the export: taken as offered - abandoned", assumed=True)
    elif np.isnan(abandoned).all():
        _fill(abandoned, np.maximum(offered - answered, 0.0))
        account.say("abandoned", "is not in the export: taken as offered - answered", assumed=True)
    else:
        _balance(offered - answered - abandoned, given, account)
    if mapping.short_calls != "unknown":
        account.say("short calls", mapping.short_calls)
    elif np.isnan(found["short_abandoned"]).all():
        account.say("short calls", "whether the switch leaves out callers who hang up at once is not in the export", assumed=True)
    else:
        short = np.nansum(found["short_abandoned"])
        account.say("short calls", f"{short:,.0f} in all; whether offered has them too is not in the export", assumed=True)


def _balance(missing: Floats, given: dict[str, Floats], account: Account) -> None:
    """Says in how many rows offered = answered + abandoned, and what the rest may be."""
    differ = missing != 0
    even = f"offered = answered + abandoned in {int((~differ).sum()):,} of {len(missing):,} rows"
    if differ.any():
        flow = float(np.nansum(given["flow_out"][differ]))
        why = f", where {flow:,.0f} flowed out" if flow else ""
        even += f"; {int(differ.sum()):,} differ, by {np.abs(missing[differ]).sum():,.0f} calls in all{why}"
    account.say("balance", even)


def _handle(
    found: dict[str, Floats], given: dict[str, Floats], answered: Floats, mapping: Mapping, account: Account
) -> None:
    """Mean handle time: as given, or put together of its parts."""
    if not np.isnan(found["aht"]).all():
        return
    parts = ["talk", "wrap_up"] if mapping.talk_includes_hold else ["talk", "hold", "wrap_up"]
    totals = [given[f"{part}_total"] for part in parts]
    means = [given[part] for part in parts]
    _fill(found["aht"], given["handle_total"] / answered)
    for names, columns, divisor in (
        ([f"{part}_total" for part in parts], totals, answered),
        (parts, means, np.ones(len(answered))),
    ):
        there = [name for name, column in zip(names, columns, strict=True) if not np.isnan(column).all()]
        if there and np.isnan(found["aht"]).all():
            _fill(found["aht"], sum(np.nan_to_num(given[name]) for name in there) / divisor)
            words = " + ".join(name.removesuffix("_total").replace("_", "-") for name in there)
            account.say("handle time", f"is {words}", assumed=True)


def _fill(column: Floats, values: Floats) -> None:
    """Puts values where a column has none; `column` is written to."""
    empty = np.isnan(column) & np.isfinite(values)
    column[empty] = values[empty]
