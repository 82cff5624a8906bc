"""Handle time by group: whether the agents of one group take longer over calls of a type than others, and by which factor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calibrate.calibration import Sources, Table
from sim.calibrate.durations import FEW
from sim.calibrate.forms import first_law, form_words
from sim.calibrate.patience import by_chance, in_words
from sim.calibrate.reweighted import Observed, means
from sim.calibrate.talks import Talk
from sim.calls import NONE
from sim.files.history import History

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_CHANCE = 0.05  # of finding a difference somewhere in the log where there is none
_DIGITS = 3  # of a factor, as it is written
_SAME = 1e-9  # a factor so near to 1 is 1, but for rounding


def by_group(
    history: History, kinds: Iterable[str], shared: dict[str, Table], talk: Talk, sources: Sources
) -> list[str]:
    """Gives the types whose handle time differs by the group that answers a factor for each group, `pace` of `shared`, and laws
    of talk, and of a recorded wrap-up, that are those of factor 1; notes for people.

    The factor is the group's mean talk, as at the mean hour, and recorded wrap-up over the type's: who works at night is not slow
    because calls last longer then. The chance to find a difference where there is none
    is 5 % for the whole log, shared by all types that are looked at (Bonferroni). Groups with fewer than 30 such calls have no
    factor.
    """
    seconds, counts = handle_times(history, talk)
    told: dict[str, tuple[float, list[int]]] = {}
    for kind in kinds:
        mine = counts & (history.call_type == history.call_types.index(kind)) & (history.group != NONE)
        calls = np.bincount(history.group[mine], minlength=len(history.groups))
        groups = np.flatnonzero(calls >= FEW).tolist()
        if len(groups) > 1:
            mine &= np.isin(history.group, groups)
            day = np.unique(history.day[mine], return_inverse=True)[1]
            which = np.searchsorted(groups, history.group[mine])
            told[kind] = by_chance(daily_sums(seconds[mine], which, day)), groups
    looked = {kind: p for kind, (p, _) in told.items() if np.isfinite(p)}
    differ = {kind: p for kind, p in looked.items() if p < _CHANCE / len(looked)}
    for kind in differ:
        mine = counts & (history.call_type == history.call_types.index(kind))
        whole = float(seconds[mine].mean())
        lasting = {history.groups[group]: float(seconds[mine & (history.group == group)].mean()) for group in told[kind][1]}
        shared[kind]["pace"] = {name: mean / whole for name, mean in lasting.items() if mean > 0}
        _at_factor_1(history, kind, shared[kind], talk, sources)
        for group in told[kind][1]:
            number = int((mine & (history.group == group)).sum())
            note = f"its mean handle time over the type's, {number:,} answered calls ({in_words(differ[kind])})"
            sources.measured(f"groups.{history.groups[group]}.proficiency.{kind}", note)
    if not looked:
        return []
    if not differ:
        shown = ", ".join(f"{kind} {in_words(p)}" for kind, p in looked.items())
        return [f"handle time by group: no difference beyond chance ({shown})"]
    alike = [f"{kind} ({in_words(p)})" for kind, p in looked.items() if kind not in differ]
    text = f"handle time by group: differs beyond chance for {', '.join(f'{kind} ({in_words(p)})' for kind, p in differ.items())}"
    return [text + (f"; not for {', '.join(alike)}" if alike else "")]


def handle_times(history: History, talk: Talk) -> tuple[Floats, Bools]:
    """Seconds of talk as at the mean hour and, if the log has it, wrap-up; and of which calls they are known; shape (calls,)."""
    answered, wrap = history.answer != NONE, history.wrap_up
    seconds = np.zeros(len(history))
    for kind in talk.kinds:
        mine = answered & (history.call_type == history.call_types.index(kind))
        seconds[mine] = talk.at_the_mean_hour(history.where(mine), kind)
    if not bool((wrap[answered] != NONE).any()):
        return seconds, answered
    return seconds + wrap / 1e6, answered & (wrap != NONE)


def daily_sums(seconds: Floats, group: Ints, day: Ints) -> Floats:
    """By how much the calls of each group but the last lasted longer than the mean of all on each day, less the group's share of
    by how much all of that day did: float64, shape (days, groups - 1). Over all days it adds up to the group's calls times its
    mean's distance from that of all.

    seconds : shape (calls,); group, day : counted from 0
    """
    beyond = seconds - seconds.mean()
    days, groups = int(day.max()) + 1, int(group.max()) + 1
    sums = np.zeros((days, groups))
    np.add.at(sums, (day, group), beyond)
    share = np.bincount(group, minlength=groups) / len(group)
    return np.asarray((sums - sums.sum(axis=1, keepdims=True) * share)[:, :-1])


def pace_of_calls(history: History, shared: Mapping[str, Table]) -> Floats:
    """The factor of the group that answered each call, 1 where there is none: float64, shape (calls,)."""
    found = np.ones(len(history))
    for kind, table in shared.items():
        mine = history.call_type == history.call_types.index(kind)
        for group, factor in table.get("pace", {}).items():
            found[mine & (history.group == history.groups.index(group))] = factor
    return found


def proficiency(name: str, skills: Iterable[str], shared: Mapping[str, Table]) -> dict[str, float]:
    """What a group's factors are in a scenario, by call type, of those that it serves."""
    paces = {kind: shared[kind].get("pace", {}).get(name) for kind in skills if kind in shared}
    return {kind: round(pace, _DIGITS) for kind, pace in paces.items() if pace is not None}


class Again(NamedTuple):
    """A type in each set: factors by group, and by how much its laws are longer than those of its calls over the factors of the
    data: float64, shape (sets,), so that they are those of factor 1 in the set.
    """

    factors: dict[str, list[float]]
    longer: Floats


def paces_again(
    history: History, kind: str, paces: Mapping[str, float], times: tuple[Floats, Bools], day: Ints, weights: Ints
) -> Again:
    """The factors of a type's groups in each set, whole days drawn again: their mean over the type's. A group without calls in a
    set has the factor of the data.

    times : what `handle_times` gives; day : of each call its column in weights, int64, shape (sets, days)
    """
    seconds, counts = times
    mine = counts & (history.call_type == history.call_types.index(kind))
    whole = means(Observed(seconds[mine], day[mine]), weights)
    level = means(Observed((seconds / pace_of_calls(history, {kind: {"pace": paces}}))[mine], day[mine]), weights)
    found: dict[str, list[float]] = {}
    for name, pace in paces.items():
        his = mine & (history.group == history.groups.index(name))
        mean = means(Observed(seconds[his], day[his]), weights)
        factors = np.divide(mean, whole, out=np.full(len(mean), pace), where=(mean > 0) & (whole > 0))
        found[name] = [round(float(factor), _DIGITS) for factor in factors]
    longer = np.divide(whole, level, out=np.ones(len(whole)), where=level > 0)
    return Again(found, np.where(np.abs(longer - 1) < _SAME, 1.0, longer))


def _at_factor_1(history: History, kind: str, table: Table, talk: Talk, sources: Sources) -> None:
    """The type's laws of talk and recorded wrap-up, of calls that each take what their group's factor leaves."""
    mine = (history.call_type == history.call_types.index(kind)) & (history.answer != NONE)
    pace, days = pace_of_calls(history, {kind: table}), np.unique(history.day)
    even = talk.at_the_mean_hour(history.where(mine), kind) / pace[mine]
    table["talk"], table["talk form"] = first_law(even, np.searchsorted(days, history.day[mine]), days, may_be_short=True)
    chosen = "" if table["talk form"] is None else f"; {form_words(table['talk form'])}"
    sources.measured(f"call_types.{kind}.talk", f"{int(mine.sum()):,} answered calls, each over its group's factor{chosen}")
    if bool((history.wrap_up[history.answer != NONE] != NONE).any()):
        known = mine & (history.wrap_up != NONE)
        after, day = (history.wrap_up / 1e6 / pace)[known], np.searchsorted(days, history.day[known])
        table["wrap_up"], table["wrap-up form"] = first_law(after, day, days)
        sources.measured(f"call_types.{kind}.wrap_up", f"{int(known.sum()):,} calls, each over its group's factor")
