"""Day screen: what a planner sees of a day as planned, first the answer, then interval by interval."""

from __future__ import annotations

import math
from datetime import date

from experiments.compare import Comparison, Row
from experiments.days import completion
from experiments.grid import Grid, Interval
from experiments.screens.comparison_table import how_sure
from experiments.screens.present import (
    NOTHING,
    amount,
    bound,
    count,
    interval_word,
    likely,
    minutes,
    percent,
    weekday,
    wrapped,
)
from experiments.statistics import ratio
from experiments.values import dates, longest_wait, parts, reads
from sim.scenario.scenario import Scenario
from sim.scenario.units import value
from sim.tally.tally import Count, Tally

_LABEL, _WHAT, _VALUE = 19, 25, 9


def first_screen(comparison: Comparison, tally: Tally, found: Grid, scenario: Scenario) -> list[str]:
    """The answer, what it is divided by, how sure it is and what was assumed; lines of at most 100 columns."""
    row = comparison.rows[0]
    if not tally.open_days.any():
        return wrapped("closed", "the center is closed on this day: nobody is let in, and nobody works")
    reading = reads(comparison.measure)
    rates = [
        line("answer rate" if name == "answer_rate" else "", reads(name).formula, percent(_value(tally, name)))
        for name in ("answer_rate", "answer_rate_entered")
    ]
    if comparison.measure == "answer_rate":
        rates[0] += f"   8 days in 10 between {_percents(row)}"
    served = row.callers - row.callers_not_served
    lines = [
        *rates,
        line(
            "customers served",
            "served / callers",
            percent(served / row.callers if row.callers else math.nan),
            f"{count(row.callers_not_served)} of {count(row.callers)} a day not served",
        ),
    ]
    lines += _callers(tally, scenario)
    if comparison.measure not in ("answer_rate", "answer_rate_entered"):
        unit = f" {tally.frame.prices.currency}" if reading.unit == "money" and tally.frame.prices.currency else reading.suffix
        value = amount(row.value.value, reading) + (unit if not math.isnan(row.value.value) else "")
        low, high = (amount(end, reading) for end in row.days_between)
        text = "" if low == NOTHING else f"8 days in 10 between {low} and {high}"
        name = [comparison.measure, ""] if len(comparison.measure) >= _LABEL else [comparison.measure]
        lines[:0] = [*name[:-1], line(name[-1], reading.formula, value, text)]
    lines += _target(comparison, row)
    lines += _worst(comparison, row, tally, found)
    if row.cost.paid_hours is not None:
        money = "" if row.cost.money is None else f"   cost {count(row.cost.money)} {row.cost.currency}".rstrip()
        about = "hours a day" if comparison.horizon == 1 else f"hours in {comparison.horizon} days"
        lines.append(line("paid", about, count(row.cost.paid_hours, 1), money.strip()))
    lines += _at_once(tally, scenario)
    lines += _people(tally)
    lines += how_sure(row.spread, reading)
    if comparison.few_days:
        lines += wrapped("few days", f"{comparison.days} are too few to be sure of anything; try --days 100 or more")
    lines += _assumed(scenario)
    return lines


def line(label: str, about: str, value: str, more: str = "") -> str:
    """One line of the first screen; what does not fit into it goes on below."""
    if len(about) >= _WHAT:
        return "\n".join([*wrapped(label, about), line("", "", value, more)])
    begin = f"{label:<{_LABEL}}{about:<{_WHAT}}{value:>{_VALUE}}"
    return "\n".join(wrapped(f"{begin}   ", more, indent=len(begin) + 3)) if more else begin


def _value(tally: Tally, measure: str) -> float:
    return ratio(*parts(tally, measure)).value


def _at_once(tally: Tally, scenario: Scenario) -> list[str]:
    """Of groups whose agents handle several contacts at a time, how many they had in hand."""
    lines: list[str] = []
    for group in scenario.groups:
        given = group.concurrency
        if given is not None and tally.open_days.any():
            held = ratio(*parts(tally, "contacts_in_hand", group=group.name)).value
            label = "" if lines else "contacts in hand"
            text = f"at most {given.most}; of {group.name}" if not math.isnan(held) else f"{group.name} is never busy"
            lines.append(line(label, "while busy", NOTHING if math.isnan(held) else f"{held:.2f}", text))
    return lines


def _people(tally: Tally) -> list[str]:
    """Of agents on a roster, how many came, and what became of the hours they were to work."""
    if not tally.frame.agents or not tally.open_days.any():
        return []
    hours = [_value(tally, name) for name in ("rostered_hours", "absent_hours", "break_hours", "not_ready_hours")]
    hours.append(hours[0] - sum(hours[1:]))
    whole, absent, breaks, away, phones = (count(number, 1) for number in hours)
    text = f"hours a day: {whole} rostered - {absent} absent - {breaks} on break - {away} not ready = {phones} on the phones"
    return [line("attendance", "came / rostered", percent(_value(tally, "attendance"))), *wrapped("", text)]


def _callers(tally: Tally, scenario: Scenario) -> list[str]:
    """What the first lines leave out where callers come back, matters stay open, or calls are junk."""
    lines = []
    if any(kind.next.given() for kind in scenario.call_types):
        redials, repeats = (percent(_value(tally, name)) for name in ("redial_share", "repeat_share"))
        text = f"offered: {redials} redials, {repeats} repeat calls"
        lines.append(line("", "calls / callers", f"{_value(tally, 'attempts_per_caller'):.2f}", text))
    if any(kind.solved != 1 or kind.solved_by for kind in scenario.call_types):
        first, settled = (percent(_value(tally, name)) for name in ("first_contact_solved", "callers_solved_rate"))
        lines.append(line("", "settled / callers", settled, f"{first} of those helped, by the first contact"))
    lines += _with_others(tally, scenario)
    if tally.frame.work:
        closed, done = (percent(_value(tally, name)) for name in ("tickets_closed_rate", "tickets_solved_rate"))
        text = f"of {count(_value(tally, 'tickets'))} a day; {done} truly done by the end"
        lines.append(line("", "reported closed / work", closed, text))
    if tally.frame.outbound and tally.frame.days < scenario.calendar.days:
        finished = ratio(tally.calls[..., Count.FINISHED].sum(axis=(1, 2)), tally.open_days).value
        lines.append(line("", "contacts finished", count(finished), "on this day; what becomes of the list: without --date"))
    elif _has_lists(tally):
        done, talked = (percent(_value(tally, name)) for name in ("outbound_done_rate", "outbound_reached_rate"))
        text = f"{talked} reached; at this rate the list takes {_value(tally, 'outbound_days'):.1f} days"
        lines.append(line("", "finished / contacts", done, text))
        lines += _completed(tally)
    after = _value(tally, "after_last_day")
    if after >= 0.5:
        lines.append(line("", "after the last day", count(after), "calls a day of who comes back later; not simulated"))
    if tally.frame.junk:
        lines.append(line("", "without junk calls", percent(_value(tally, "answer_rate_without_junk")), "answered / offered"))
    return lines


def _completed(tally: Tally) -> list[str]:
    """When each list is done that is done within the days."""
    lines = []
    for name in tally.frame.outbound if tally.frame.days > 1 else ():
        found = completion(tally, name)
        if found is None:
            lines += wrapped("", f"{name}: not done by {weekday(dates(tally)[-1])} in one simulation of ten, or in more")
        else:
            first, middle, last = (weekday(day) for day in found)
            text = "in every simulation" if first == last else f"8 in 10 between {first} and {last}"
            lines += wrapped("", f"{name}: done on {middle}; {text}")
    return lines


def _has_lists(tally: Tally) -> bool:
    """Whether there was anybody to call."""
    return bool(tally.frame.outbound) and not math.isnan(_value(tally, "outbound_done_rate"))


def _with_others(tally: Tally, scenario: Scenario) -> list[str]:
    """What becomes of callers whom somebody else helps, or somebody later."""
    lines, seen = [], tally.calls.sum(axis=(0, 1, 2))
    kept, soon = (percent(_value(tally, name)) for name in ("callbacks_kept", "callbacks_in_time"))
    if seen[Count.CALLBACKS] or any(kind.callback is not None and value(kind.callback.accepted) for kind in scenario.call_types):
        taken = percent(_value(tally, "callback_rate"))
        lines.append(line("", "without callbacks", percent(_value(tally, "answer_rate_live")), "answered live / offered"))
        lines.append(line("", "callbacks / offered", taken, f"{kept} of them kept, {soon} in the time promised"))
    if seen[Count.TRANSFERS]:
        text = f"{percent(_value(tally, 'transfers_lost_rate'))} of them lost"
        if seen[Count.PROMISED]:
            text += f"; of promises to call back {kept} kept, {soon} in time"
        if seen[Count.TRANSFERS_ANSWERED]:
            text += f"; answered after {minutes(_value(tally, 'mean_transfer_wait'))}"
        lines.append(line("", "transfers / answered", percent(_value(tally, "transfer_rate")), text))
    if seen[Count.OFFERS]:
        worth, unit = _value(tally, "offer_value"), tally.frame.prices.currency
        text = f"{percent(_value(tally, 'offers_taken_rate'))} of them taken"
        text += f", worth {f'{count(worth)} {unit}'.rstrip()} a day" if worth else ""
        lines.append(line("", "offers / answered", percent(_value(tally, "offers_made_rate")), text))
    if seen[Count.CONSULTS]:
        lines.append(line("", "consults / answered", percent(_value(tally, "consult_rate")), "a colleague was asked"))
    return lines


def _percents(row: Row) -> str:
    low, high = row.days_between
    return NOTHING if math.isnan(low) else f"{low * 100:.0f} and {high * 100:.0f} %"


def _target(comparison: Comparison, row: Row) -> list[str]:
    if comparison.target is None or row.reaches is None:
        return []
    reading = reads(comparison.target.measure)
    about = f"{comparison.target.measure} {bound(comparison.target, reading)}"
    text = f"{row.reaches.hits} of {row.reaches.days} days"
    if row.reaches.days:
        text += f" ({percent(row.reaches.low, 0)} to {percent(row.reaches.high, 0)} by these days)"
    return [line("chance of target", about, likely(row.reaches), text)]


def _worst(comparison: Comparison, row: Row, tally: Tally, found: Grid) -> list[str]:
    if row.worst is None:
        return []
    if tally.frame.days > 1:
        return [line("worst day", weekday(date.fromisoformat(row.worst.name)), percent(row.worst.rate))]
    place, clock, rate = row.worst
    wait = minutes(longest_wait(tally, place))
    word, at = interval_word(found.length), [one.clock for one in found.intervals].index(clock)
    lines = [line(f"worst {word}", clock, percent(rate), f"longest wait {wait} on an average day")]
    target = comparison.target
    limit = target.at_least if target is not None and target.measure == "answer_rate" else None
    if isinstance(limit, float) and rate < limit:
        after = next((one.clock for one in found.intervals[at:] if one.rate >= limit), None)
        lines.append(line(f"back at {limit * 100:g} %", after or "not before closing", ""))
    lines += _beside(found.intervals[at], found)
    return [one.rstrip() for one in lines]


def _beside(worst: Interval, found: Grid) -> list[str]:
    """What the formulas say of the worst interval."""
    if worst.phones is None or math.isnan(worst.load) or worst.offered <= 0:
        return []
    from sim.erlang import erlang_a, erlang_c

    agents = round(worst.phones)
    per_hour = worst.offered * 3600 / found.length
    c = erlang_c(calls_per_hour=per_hour, aht=worst.spent, agents=agents, within=found.within)
    load = f"load {worst.load:.0f} on {agents}"
    text = f"{worst.clock}: Erlang C says 100 % by assumption ({load})"
    if not c.stable:
        text = f"{worst.clock}: Erlang C has no answer ({load})"
    if found.patience is not None:
        a = erlang_a(
            calls_per_hour=per_hour, aht=worst.spent, agents=agents, patience=found.patience, within=found.within
        )
        text += f"; Erlang A {percent(a.answer_rate)}"
    return wrapped("beside it", text)


def _assumed(scenario: Scenario) -> list[str]:
    paths = [path for path, source in scenario.sources.items() if source.status == "assumed"]
    if not scenario.sources:
        return wrapped("assumed", "the scenario does not say where its numbers come from: all may be assumed")
    if not paths:
        return []
    return wrapped("assumed", ", ".join(paths) + " (callsim show --assumptions)")
