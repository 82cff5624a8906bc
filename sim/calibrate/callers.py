"""Callers: what is measured on each call type's calls: handle times, patience, balking, IVR, labels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.calibrate.calibration import Sources, Table
from sim.calibrate.durations import law_of, patience_of
from sim.calibrate.forms import first_law, form_words
from sim.calibrate.talks import Talk, note_sources
from sim.calls import NONE, Outcome
from sim.files.history import History

UNANSWERED = "none of its calls was answered: as calls of all types together"
_FEW_CALLS = 30  # of a type, below which nothing can be said about it


def few_calls(history: History) -> tuple[tuple[str, ...], list[str]]:
    """Types with calls enough to be measured, most calls first, and notes on those left out."""
    counts = np.bincount(history.call_type, minlength=len(history.call_types))
    order = [int(code) for code in np.argsort(-counts, kind="stable")]
    enough = tuple(history.call_types[code] for code in order if counts[code] >= _FEW_CALLS)
    if not enough:
        enough = tuple(history.call_types[code] for code in order[:1])
    notes = [
        f'type "{history.call_types[code]}" was left out: {counts[code]} calls are too few to measure'
        for code in order
        if history.call_types[code] not in enough and counts[code]
    ]
    return enough, notes


def laws_of_types(history: History, kinds: tuple[str, ...], talk: Talk, sources: Sources) -> dict[str, Table]:
    """Per type: talk (at the mean hour), patience, balking, and the IVR's delay (of all types), containment and hang_up.

    A type of which no call was answered has the talk of all types together: no time at all would make agents for it free.
    """
    entered = history.ivr_exit != NONE
    delay = law_of((history.ivr_exit - history.arrival)[entered] / 1e6)
    sources.measured("ivr.delay", f"{int(entered.sum()):,} calls, all types together")
    sources.measured("ivr.containment", "the share of each type's calls with that outcome")
    sources.measured("ivr.hang_up", "the share of each type's calls with that outcome")
    wait, days = history.waited, np.unique(history.day)
    found: dict[str, Table] = {}
    for kind in kinds:
        mine = history.call_type == history.call_types.index(kind)
        answered = mine & (history.answer != NONE)
        queued = mine & (wait > 0)
        left = history.outcome == Outcome.ABANDONED
        balked = int((mine & (history.outcome == Outcome.BALKED)).sum())
        even, day = talk.at_the_mean_hour(history.where(answered), kind), np.searchsorted(days, history.day[answered])
        if answered.any():
            law, form = first_law(even, day, days, may_be_short=True)
        else:
            law, form = law_of(history.talk[history.answer != NONE] / 1e6), None
        found[kind] = {
            "talk": law,
            "talk form": form,
            "patience": patience_of(wait[queued] / 1e6, left[queued]),
            "balking": round(balked / max(balked + int(queued.sum()), 1), 4),
            "ivr": delay,
            "containment": _share(history, mine, Outcome.CONTAINED),
            "hang_up": _share(history, mine, Outcome.IVR_ABANDONED),
        }
        chosen = "" if form is None else f"; {form_words(form)}"
        if answered.any():
            sources.measured(f"call_types.{kind}.talk", f"{int(answered.sum()):,} answered calls{chosen}")
        else:
            sources.assumed(f"call_types.{kind}.talk", UNANSWERED)
        note_sources(talk, kind, sources)
        note = f"{int((queued & left).sum()):,} who left, {int((queued & ~left).sum()):,} censored waits"
        sources.measured(f"call_types.{kind}.patience", f"Kaplan-Meier: {note}")
    if not (history.outcome == Outcome.BALKED).any():
        sources.assumed("call_types.*.balking", "the log has no such outcome: none")
    else:
        sources.measured("call_types.*.balking", "the share of those who would have had to wait")
    return found


def label_shares(history: History, kind: str) -> dict[str, dict[str, float]]:
    """Family -> value -> share within the type, of the calls that asked for an agent and whose label is known; they sum to 1."""
    mine = who_asked(history, kind)
    found: dict[str, dict[str, float]] = {}
    for at, (family, values) in enumerate(history.labels):
        codes = history.label[mine, at]
        counts = np.bincount(codes[codes != NONE], minlength=len(values))
        if counts.sum():
            found[family] = shares_of(counts, values)
    return found


def who_asked(history: History, kind: str) -> npt.NDArray[np.bool_]:
    """The calls of a type whose labels count: who asked for an agent, for that is where labels act, and whom the IVR keeps may be
    others (of a bank's calls those that never asked have no customer, and so no priority); all, where nobody asked.
    """
    mine = history.call_type == history.call_types.index(kind)
    asked = mine & (history.queue_entry != NONE)
    return np.asarray(asked if asked.any() else mine)


def shares_of(counts: npt.NDArray[np.int64], values: tuple[str, ...]) -> dict[str, float]:
    """Value -> its share of the counts, rounded; the most frequent has what is left, so they sum to 1."""
    shares = {value: round(float(counts[code] / counts.sum()), 4) for code, value in enumerate(values)}
    most = values[int(np.argmax(counts))]
    shares[most] = round(1.0 - sum(share for value, share in shares.items() if value != most), 4)
    return shares


def patience_notes(history: History) -> list[str]:
    """What a reader must know about callers who came back."""
    known = history.customer != NONE
    if not known.any():
        return ["no caller numbers: calls count attempts, redials are among them"]
    again = redials(history)
    share = again / max(len(history), 1)
    return [f"{again:,} calls ({share * 100:.0f} %) follow an unanswered call of the same caller within an hour: redials"]


def redials(history: History) -> int:
    """Calls that follow an unanswered call of the same known customer within an hour, on the same day."""
    known = history.where(history.customer != NONE)
    order = np.lexsort((known.arrival, known.day, known.customer))
    same = (np.diff(known.customer[order]) == 0) & (np.diff(known.day[order]) == 0)
    soon = np.diff(known.arrival[order]) <= 3_600_000_000
    unanswered = (known.answer == NONE)[order][:-1]
    return int((same & soon & unanswered).sum())


def _share(history: History, mine: np.ndarray, outcome: Outcome) -> float:
    entered = mine & (history.outcome != Outcome.BLOCKED) & (history.outcome != Outcome.CLOSED)
    return round(float((entered & (history.outcome == outcome)).sum() / max(int(entered.sum()), 1)), 4)
