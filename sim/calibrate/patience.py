"""Patience by label: whether callers of one value wait longer than others, beyond chance, and then how long each would."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.calibrate.calibration import Sources, Table
from sim.calibrate.durations import FEW, Law, patience_of
from sim.calls import NONE, Outcome
from sim.files.history import History
from sim.scenario.errors import CallsimError
from sim.scenario.paths import join

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NOT_BY_LABEL = "none"
USUAL = "priority"  # the family that is looked at where no head start names one
_CHANCE = 0.05  # of finding a difference somewhere in the log where there is none


@dataclass(frozen=True)
class Difference:
    """One call type's callers compared by the values of one family.

    groups : the values that are told apart: those of which enough left by themselves, then all others together where enough of
    them did; p : how probable so large a difference is by chance, NaN where it cannot be told
    """

    kind: str
    family: str
    groups: tuple[tuple[str, ...], ...]
    p: float


def by_label(
    history: History, kinds: Iterable[str], shared: dict[str, Table], head_start: Mapping[str, float], sources: Sources, *,
    asked: str | None = None,
) -> list[str]:  # fmt: skip
    """Gives the types whose callers' patience differs by label a law for each value, `by_label` of `shared`, and the groups of
    values that have one law, `alike`; notes for people.

    At most one family sets it: the one that is `asked` for ("none": no family does); else of those whose callers get a head
    start (`head_start`, by "family.value"), else "priority", else of all, the one that differs most in some type. The chance to
    find a difference where there is none is 5 % for the whole log, shared by all families and types that are looked at
    (Bonferroni). Values of which fewer than 30 left have one law together; where together fewer than 30 did they have the type's.
    Raises CallsimError for a family that the log does not have.
    """
    if asked not in (None, NOT_BY_LABEL, *dict(history.labels)):
        known = ", ".join(dict(history.labels)) or "the log has no labels"
        raise CallsimError(f'patience by: no label family "{asked}"; there is {known}; or {NOT_BY_LABEL}')
    there = [family for family, values in history.labels if len(values) > 1]
    started = [family for family in there if any(name.split(".", 1)[0] == family for name in head_start)]
    why = "as asked for" if asked is not None else "its callers get a head start" if started else ""
    looked = started or [family for family in there if family == USUAL] or there
    if asked is not None:
        looked = [family for family in there if family == asked]
    found = [one for family in looked for kind in kinds if (one := difference(history, kind, family)) is not None]
    told = [one for one in found if np.isfinite(one.p)]
    if not told:
        few = "too few left, or on too few days, to tell its values apart"
        return [f"patience by {asked} (as asked for): {few}"] if asked not in (None, NOT_BY_LABEL) else []
    limit = _CHANCE / len(told)
    family = min(told, key=lambda one: one.p).family
    mine = [one for one in told if one.family == family]
    differ = [one for one in mine if one.p < limit]
    if not why and len(looked) > 1:
        why = f"it differs most of {', '.join(looked)}"
    for one in differ:
        shared[one.kind]["by_label"] = {family: _laws(history, one, sources)}
        shared[one.kind]["alike"] = one.groups
    return [_said(family, why, differ, [one for one in mine if one.p >= limit])]


def difference(history: History, kind: str, family: str) -> Difference | None:
    """Whether a type's callers who have to wait differ by the values of a family, of each of which at least 30 left, as of all
    the other values together; None where that is one group or none.
    """
    queued, left, codes = _waiting(history, kind, family)
    values = dict(history.labels)[family]
    gone = np.bincount(codes[queued & left], minlength=len(values))
    enough = [code for code in range(len(values)) if gone[code] >= FEW]
    groups = [[code] for code in enough]
    rest = [code for code in np.unique(codes[queued]).tolist() if code not in enough]
    if gone[rest].sum() >= FEW:
        groups.append(rest)
    if len(groups) < 2:
        return None
    which = np.full(len(values), NONE)
    for at, one in enumerate(groups):
        which[one] = at
    told = queued & (which[codes] != NONE)
    day = np.unique(history.day[told], return_inverse=True)[1]
    scores = daily_scores(history.waited[told] / 1e6, left[told], which[codes[told]], day)
    return Difference(kind, family, tuple(tuple(values[code] for code in one) for one in groups), by_chance(scores))


def daily_scores(waits: Floats, left: Bools, group: Ints, day: Ints) -> Floats:
    """What each day adds to the log-rank statistic of all groups but the last: float64, shape (days, groups - 1).

    Of a caller who waited t: (he left) (1 - p(t)) less the sum over all who left by then of (1 - p) / at risk, with p the share
    of his group among those at risk, and 0 instead of 1 in other groups' columns (Lin and Wei 1989, equation 2.5, with one
    indicator per group and no effect). The sum over days is observed less expected (Mantel 1966).
    waits : seconds, shape (calls,); left : who gave up; group, day : counted from 0
    """
    times, at = np.unique(waits, return_inverse=True)
    number, groups = len(times), int(group.max()) + 1

    def at_risk(mine: Bools) -> Floats:
        here = np.bincount(at[mine], minlength=number)
        return np.asarray(np.cumsum(here[::-1])[::-1], np.float64)

    everybody = at_risk(np.ones(len(waits), np.bool_))
    hazard = np.bincount(at, left, number) / everybody
    past = np.cumsum(hazard)
    scores = np.zeros((int(day.max()) + 1, groups - 1))
    for which in range(groups - 1):
        mine = group == which
        share = at_risk(mine) / everybody
        expected = np.cumsum(share * hazard)
        score = left * (mine - share[at]) - (mine * past[at] - expected[at])
        scores[:, which] = np.bincount(day, score, len(scores))
    return scores


def by_chance(scores: Floats) -> float:
    """How probable scores so far from 0 are by chance, by whole days: Hotelling's T squared (1931); NaN for too few days.

    scores : float64, shape (days, groups - 1). So what callers of one day have in common widens it, as it should.
    """
    from scipy.stats import f

    days, free = scores.shape
    if days <= free + 1:
        return float("nan")
    mean = scores.mean(axis=0)
    spread = np.atleast_2d(np.cov(scores, rowvar=False))
    if np.linalg.matrix_rank(spread) < free:
        return float("nan")
    squared = days * float(mean @ np.linalg.solve(spread, mean))
    return float(f.sf(squared * (days - free) / (free * (days - 1)), free, days - free))


def _laws(history: History, found: Difference, sources: Sources) -> dict[str, dict[str, Law]]:
    queued, left, _ = _waiting(history, found.kind, found.family)
    laws: dict[str, dict[str, Law]] = {}
    for group in found.groups:
        mine = queued & of_labels(history, found.family, group)
        law = patience_of(history.waited[mine] / 1e6, left[mine])
        note = f"{int((mine & left).sum()):,} who left, {int((mine & ~left).sum()):,} censored waits"
        together = f" of {', '.join(group)} together" if len(group) > 1 else ""
        for value in group:
            laws[value] = {"patience": law}
            path = join(("call_types", found.kind, "by_label", found.family, value, "patience"))
            sources.measured(path, f"Kaplan-Meier{together}: {note}; by {found.family} because it differs ({in_words(found.p)})")
    return laws


def of_labels(history: History, family: str, values: Iterable[str]) -> Bools:
    """Calls whose recorded label in the family is one of the values: bool, shape (calls,)."""
    place = [name for name, _ in history.labels].index(family)
    mine: Bools = np.isin(history.label[:, place], [history.labels[place][1].index(value) for value in values])
    return mine


def _waiting(history: History, kind: str, family: str) -> tuple[Bools, Bools, Ints]:
    """Which calls of a type had to wait and have a label of the family; who left; label codes. Shape (calls,)."""
    codes = history.label[:, [name for name, _ in history.labels].index(family)]
    queued = (history.call_type == history.call_types.index(kind)) & (history.waited > 0) & (codes != NONE)
    return queued, history.outcome == Outcome.ABANDONED, codes


def _said(family: str, why: str, differ: list[Difference], alike: list[Difference]) -> str:
    text = f"patience by {family}{f' ({why})' if why else ''}"
    if differ:
        text += f": differs beyond chance for {', '.join(f'{one.kind} ({in_words(one.p)})' for one in differ)}"
        if alike:
            text += f"; not for {', '.join(f'{one.kind} ({in_words(one.p)})' for one in alike)}, whose callers wait alike"
        return text
    return f"{text}: no difference beyond chance ({', '.join(f'{one.kind} {in_words(one.p)}' for one in alike)})"


def in_words(p: float) -> str:
    """``p < 0.001``, ``p = 0.012``, ``p = 0.43``."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"
