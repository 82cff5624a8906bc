"""Measures of callers with all their calls: how often they call, who is served, whose matter is settled, and when."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from sim.measures.cut import Cut
from sim.measures.measure import Floats, Measure, Parts
from sim.measures.ratios import ANSWER_RATES as _RATES
from sim.measures.ratios import (
    ANSWERED,
    ENTERED,
    HANDLING,
    OFFERED,
    SERVICE_LEVELS,
    SHARES,
    WAITS,
    combine,
    count,
    ratio,
)
from sim.scenario.units import TICKS_PER_SECOND
from sim.tally.tally import Count, Customers, Tally


def _of_callers(
    name: str, title: str, formula: str, above: Customers, below: Customers, *, better: str = "high", unit: str = "share",
    scale: float = 1.0,
) -> Measure:  # fmt: skip
    """A measure that divides sums over callers, by the day and call type of their first calls."""

    def parts(tally: Tally, cut: Cut) -> Parts:
        counts = customers(tally, cut)
        return counts[:, above] * scale, counts[:, below]

    return Measure(name, title, formula, unit, better, parts)  # type: ignore[arg-type]  # literals of Measure


def customers(tally: Tally, cut: Cut) -> Floats:
    """Counts of callers per day: float64, shape (days, len(Customers))."""
    return np.asarray(tally.callers[:, cut.types(tally)].sum(axis=1), np.float64)


def _of_work(
    name: str, title: str, formula: str, above: Customers, below: Customers = Customers.CALLERS, *, unit: str = "share",
    scale: float = 1.0,
) -> Measure:  # fmt: skip
    """A measure that divides sums over pieces of work, by the day and call type with which they began."""

    def parts(tally: Tally, cut: Cut) -> Parts:
        counts = _work(tally, cut)
        return counts[:, above] * scale, counts[:, below]

    return Measure(name, title, formula, unit, "low" if unit == "min" else "high", parts)  # type: ignore[arg-type]


def _work(tally: Tally, cut: Cut) -> Floats:
    """Counts of pieces of work per day: float64, shape (days, len(Customers)); those of one call type where the cut says so."""
    codes = [code for code, name in enumerate(tally.frame.call_types) if name in tally.frame.work]
    if cut.call_type is not None:
        codes = [code for code in cut.types(tally) if code in codes]
    return np.asarray(tally.callers[:, codes].sum(axis=1), np.float64)


def _pieces_of_work(tally: Tally, cut: Cut) -> Parts:
    counts = _work(tally, cut)[:, Customers.CALLERS]
    return counts, tally.open_days


def _of_lists(name: str, title: str, formula: str, above: Count) -> Measure:
    """A share of all contacts of lists: on each day what was done of those who came up then."""

    def parts(tally: Tally, cut: Cut) -> Parts:
        return _of_contacts(tally, cut)[:, above], _contacts(tally, cut).sum(axis=1)

    return Measure(name, title, formula, "share", "high", parts)


def _contacts(tally: Tally, cut: Cut) -> Floats:
    """Contacts per day: float64, shape (days, 3): reached, not to be tried again, left on the list."""
    wanted = [Count.CALLED_BACK, Count.CALLBACK_MISSED, Count.STILL_WAITING]
    return _of_contacts(tally, cut)[:, wanted]


def _of_contacts(tally: Tally, cut: Cut) -> Floats:
    """Counts of lists per day, float64, shape (days, len(Count))."""
    names = tally.frame.outbound if cut.call_type is None else (cut.call_type,)
    lists = [replace(cut, call_type=name).calls(tally) for name in names if name in tally.frame.outbound]
    return np.asarray(np.sum(lists, axis=0), np.float64) if lists else np.zeros((tally.days, len(Count)))


def finished_on(tally: Tally, cut: Cut) -> npt.NDArray[np.int64]:
    """On which of the connected days, from 1 on, the last contact is finished; one more than there are where it is not.

    int64, shape (replications,)
    """
    width = tally.frame.days
    contacts = _contacts(tally, cut).sum(axis=1).reshape(-1, width).sum(axis=1, keepdims=True)
    all_done = np.cumsum(_of_contacts(tally, cut)[:, Count.FINISHED].reshape(-1, width), axis=1) >= contacts
    return np.where(all_done.any(axis=1), all_done.argmax(axis=1) + 1, width + 1)


def _days_taken(tally: Tally, cut: Cut) -> Parts:
    """Contacts times the days they are called, and contacts finished; on the first day of each replication."""
    width = tally.frame.days
    contacts = _contacts(tally, cut).reshape(-1, width, 3).sum(axis=1)
    above, below = np.zeros((2, tally.replications, width))
    called = np.cumsum(tally.frame.is_open.any(axis=1))  # on a closed day nobody is called
    above[:, 0] = contacts.sum(axis=1) * called[np.minimum(finished_on(tally, cut), width) - 1]
    below[:, 0] = contacts[:, :2].sum(axis=1)
    return above.ravel(), below.ravel()


def _with_lists(tally: Tally, cut: Cut) -> Floats:
    """Counts per day in which contacts who were reached are answered calls: lists sell, too."""
    counts: Floats = np.asarray(cut.calls(tally), np.float64)
    lists = _of_contacts(tally, cut)
    if cut.call_type in tally.frame.outbound:
        counts[:, list(ANSWERED)] = 0.0
    if cut.call_type is None and cut.label is None:
        counts = counts + lists
        counts[:, list(ANSWERED)] -= lists[:, list(ANSWERED)]
    counts[:, Count.ANSWERED] += lists[:, Count.REACHED]
    return counts


def _offers_made(tally: Tally, cut: Cut) -> Parts:
    counts = _with_lists(tally, cut)
    return counts[:, Count.OFFERS], counts[:, list(ANSWERED)].sum(axis=1)


def _offers_taken(tally: Tally, cut: Cut) -> Parts:
    counts = _with_lists(tally, cut)
    return counts[:, Count.OFFERS_TAKEN], counts[:, Count.OFFERS]


def _offer_value(tally: Tally, cut: Cut) -> Parts:
    return _with_lists(tally, cut)[:, Count.OFFER_VALUE] / 1000, tally.open_days


def _contained_truly(tally: Tally, cut: Cut) -> Parts:
    return customers(tally, cut)[:, Customers.CONTAINED_TRULY], combine(cut.calls(tally), count(*ENTERED))


CALLERS = (
    _of_callers(
        "callers_served_rate", "callers served",
        "callers answered at least once, or contained without calling again / callers", Customers.SERVED, Customers.CALLERS,
    ),
    _of_callers(
        "callers_solved_rate", "callers whose matter was settled", "callers with a call that settled the matter / callers",
        Customers.SOLVED, Customers.CALLERS,
    ),
    _of_callers(
        "attempts_per_caller", "calls per caller", "calls / callers", Customers.CALLS, Customers.CALLERS, better="low",
        unit="calls",
    ),
    _of_callers(
        "first_contact_solved", "settled by the first contact",
        "callers whose first answered or contained call settled the matter / callers answered or contained",
        Customers.SOLVED_FIRST, Customers.HELPED,
    ),
    _of_callers(
        "first_contact_resolution_1d", "first contact resolution, 1 day",
        "callers with no call within 24 h of the first answered or contained one / callers answered or contained",
        Customers.HELPED_ONCE, Customers.HELPED,
    ),
    _of_callers(
        "first_contact_resolution_7d", "first contact resolution, 7 days",
        "callers with no call within 7 days of the first answered or contained one / callers answered or contained",
        Customers.HELPED_ONCE_7D, Customers.HELPED,
    ),
    _of_callers(
        "first_contact_resolution_30d", "first contact resolution, 30 days",
        "callers with no call within 30 days of the first answered or contained one / callers answered or contained",
        Customers.HELPED_ONCE_30D, Customers.HELPED,
    ),
    _of_callers(
        "time_to_solution", "time to solution", "time from the first call to the end of the one that settled the matter / "
        "callers whose matter was settled", Customers.TO_SOLUTION, Customers.SOLVED, better="low", unit="min",
        scale=1 / (60 * TICKS_PER_SECOND),
    ),
    Measure(
        "containment_true_rate", "true containment", "contained in the IVR and no call within 24 h / entered", "share",
        "high", _contained_truly,
    ),
    ratio("redial_share", "redials among offered calls", "offered redials after a call that reached nobody / offered",
          count(Count.OFFERED_REDIAL), count(*OFFERED), better="low"),
    ratio("repeat_share", "repeat calls among offered calls", "offered repeat calls of callers not helped before / offered",
          count(Count.OFFERED_REPEAT), count(*OFFERED), better="low"),
)  # fmt: skip
TICKETS = (
    Measure(
        "tickets", "tickets and other work", "pieces of work that came up, a day", "calls", None, _pieces_of_work, kind="mean",
    ),
    _of_work("tickets_closed_rate", "work reported closed", "work done once, whatever it led to / work", Customers.HELPED),
    _of_work("tickets_solved_rate", "work truly done", "work whose matter was settled / work", Customers.SOLVED),
    _of_work(
        "ticket_time_to_solution", "time until work is truly done", "from its coming up to its settlement / work settled",
        Customers.TO_SOLUTION, Customers.SOLVED, unit="min", scale=1 / (60 * TICKS_PER_SECOND),
    ),
)  # fmt: skip
LISTS = (
    _of_lists(
        "outbound_reached_rate", "reached", "contacts of lists who were reached and talked / contacts", Count.REACHED,
    ),
    _of_lists(
        "outbound_done_rate", "finished", "contacts reached, or not to be tried again / contacts",
        Count.FINISHED,
    ),
    Measure(
        "outbound_days", "days a list takes", "contacts x days they are called / contacts finished: so many days like these",
        "days", "low", _days_taken,
    ),
)  # fmt: skip
CALLBACKS = (
    ratio("callback_rate", "callbacks", "callbacks accepted / offered", count(Count.CALLBACKS), count(*OFFERED), better=None),
    ratio("callbacks_kept", "callbacks kept", "called back and reached / callbacks accepted or promised by an agent",
          count(Count.CALLED_BACK, Count.PROMISES_KEPT), count(Count.CALLBACKS, Count.PROMISED)),
    ratio("callbacks_in_time", "callbacks in time", "reached within the time promised / callbacks accepted or promised",
          count(Count.CALLBACKS_IN_TIME, Count.PROMISES_IN_TIME), count(Count.CALLBACKS, Count.PROMISED)),
    ratio("mean_callback_wait", "time until called back", "from accepting to the try that reached the caller / called back",
          count(Count.CALLBACK_WAIT), count(Count.CALLED_BACK), better="low", unit="min",
          scale=1 / (60 * TICKS_PER_SECOND)),
    ratio("prediction_error", "error of the wait told", "|wait told - wait in queue| / told and answered live",
          count(Count.TOLD_ERROR), count(Count.TOLD), better="low", unit="s", scale=1 / TICKS_PER_SECOND),
    ratio("prediction_bias", "wait told too long", "(wait told - wait in queue) / told and answered live",
          count(Count.TOLD_OVER), count(Count.TOLD), better=None, unit="s", scale=1 / TICKS_PER_SECOND),
)  # fmt: skip
LEGS = (
    ratio("transfer_rate", "transfers", "transfers / answered live; a call may have several", count(Count.TRANSFERS),
          count(Count.ANSWERED), better="low"),
    ratio("consult_rate", "consults", "times a colleague was asked / answered live", count(Count.CONSULTS),
          count(Count.ANSWERED), better="low"),
    ratio("misrouted_rate", "transfers out of the wrong queue", "transferred because the agent does not serve it / answered live",
          count(Count.MISROUTED), count(Count.ANSWERED), better="low"),
    ratio("transfers_lost_rate", "lost in transfer", "transferred and not answered there, nor called back / transfers",
          count(Count.TRANSFERS_LOST), count(Count.TRANSFERS), better="low"),
    ratio("mean_transfer_wait", "wait in transfer", "from the transfer to the answer / transfers answered live",
          count(Count.TRANSFER_WAIT), count(Count.TRANSFERS_ANSWERED), better="low", unit="s", scale=1 / TICKS_PER_SECOND),
)  # fmt: skip

OFFERS = (
    Measure("offers_made_rate", "offers made", "calls in which the agent offered something / answered, with contacts of lists",
            "share", None, _offers_made),
    Measure("offers_taken_rate", "offers taken", "taken / made", "share", "high", _offers_taken),
    Measure("offer_value", "value of offers", "value of the offers taken, a day", "money", "high", _offer_value, kind="mean"),
)  # fmt: skip


def _without_junk(measure: Measure) -> Measure:
    return replace(
        measure,
        name=f"{measure.name}_without_junk",
        title=f"{measure.title}, without junk",
        formula=f"{measure.formula}, call types that are not junk",
        parts=lambda tally, cut: measure.parts(tally, replace(cut, junk=False)),
    )


_BESIDE = ("answer_rate", "service_level", "asa", "abandonment_rate", "aht")
WITHOUT_JUNK = tuple(
    _without_junk(measure)
    for measure in (*_RATES, *SERVICE_LEVELS, *WAITS, *SHARES, *HANDLING)
    if measure.name in _BESIDE
)
