"""`callsim show`: what a story says, in numbers that can be checked before anything runs."""

from __future__ import annotations

import textwrap
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments.cli.options import (
    FIGURES,
    Date,
    Figure,
    Json,
    PolicyOption,
    SetOption,
    StoryArgument,
    check_date,
    check_output,
    date_from,
    settings_from,
)
from experiments.cli.output import WIDTH, echo, print_json

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario

SCHEMA = "callsim/show/1"
_STATUS = ("assumed", "given", "measured")


def show(
    story: StoryArgument,
    policy: PolicyOption = None,
    set_: SetOption = None,
    only: Date = None,
    assumptions: Annotated[bool, typer.Option("--assumptions", help="only where the numbers come from")] = False,
    figure: Figure = None,
    json: Json = False,
) -> None:
    """Calls a day by type, heads on the phones by interval, surges, ranges, and where the numbers come from."""
    from sim.files import load

    day, scenario = date_from("--date", only), load(story, policies=[policy] if policy else [], settings=settings_from(set_))
    check_date(scenario, day)
    if figure is not None:
        from experiments.cli.figures import write_skills

        check_output("--figure", figure, FIGURES)
        write_skills(figure, scenario)
        echo(f"wrote {figure}: who can do what")
        return
    answer = {"schema": SCHEMA, "story": story, "policy": policy or ""} | describe(scenario, day)
    if json:
        print_json(answer)
        return
    for line in _assumptions(answer) if assumptions else _lines(answer):
        echo(line)


def describe(scenario: Scenario, day: date | None = None) -> dict[str, Any]:
    """The story as plain numbers: expected calls, heads, surges; every range at its median; by interval one day (the first).

    Calls are those entering (before the IVR and without calling again); load is in erlangs, of the calls that the IVR
    does not contain.
    """
    from experiments.expected import (
        calls_by_interval,
        handle_by_interval,
        handle_seconds,
        heads_by_interval,
        load_by_interval,
        surge_calls,
    )
    from experiments.newcomers import newcomers
    from sim.chance.ranges import open_ranges, resolve
    from sim.scenario.horizon import acting, day_of, hours
    from sim.scenario.provenance import unsaid
    from sim.scenario.units import show_clock

    middle = resolve(scenario, seed=0, middle=True)
    calendar, at = scenario.calendar, 0 if day is None else scenario.calendar.dates.index(day)
    shape = calendar.days, calendar.intervals
    calls = {name: row.reshape(shape) for name, row in calls_by_interval(middle).items()}
    load = load_by_interval(middle).reshape(shape)
    heads = {name: row.reshape(shape) for name, row in heads_by_interval(middle).items()}
    new = newcomers(middle, at)
    return {
        "name": scenario.name,
        "description": scenario.description,
        "date": calendar.dates[at].isoformat(),
        "weekday": calendar.dates[at].strftime("%A"),
        "starts": [show_clock(start) for start in calendar.starts()],
        "closes": show_clock(calendar.closes),
        "days": [
            {
                "date": when.isoformat(),
                "hours": None if open_then is None else [show_clock(edge) for edge in open_then],
                "calls": {name: round(float(rows[n].sum()), 3) for name, rows in calls.items()},
                "load": round(float(load[n].max()), 3),
                "head_hours": round(
                    sum(float(rows[n].sum()) for name, rows in heads.items() if name not in scenario.back_office)
                    * calendar.interval / 3600, 3,
                ),
                "special": [one.name for one in acting(scenario, n)],
            }
            for n, when in enumerate(calendar.dates)
            for open_then in [hours(scenario, n)]
        ],
        "calls": {name: [round(float(n), 3) for n in rows[at]] for name, rows in calls.items()},
        "handle_time": {name: round(seconds, 3) for name, seconds in handle_seconds(middle).items()},
        "handle_time_by_interval": {
            name: [round(float(seconds), 3) for seconds in row.reshape(shape)[at]]
            for name, row in handle_by_interval(middle).items()
        },
        "new_agents": None if new is None else {
            "agents": new.agents, "of": new.people, "share": [round(float(part), 3) for part in new.share],
        },
        "load": [round(float(erlangs), 3) for erlangs in load[at]],
        "heads": {name: [round(float(n), 3) for n in rows[at]] for name, rows in heads.items()},
        "back_office": list(scenario.back_office),
        "lists": {kind.name: kind.outbound.contacts for kind in middle.call_types if kind.outbound is not None},
        "surges": {
            surge.name: {
                "at": show_clock(surge.at), "on": calendar.dates[day_of(scenario, surge.on)].isoformat(),
                "calls": surge_calls(middle, surge),
            }
            for surge in middle.surges
        },
        "ranges": {path: uncertain.show() for path, uncertain in open_ranges(scenario).items()},
        "trunks": scenario.lines.trunks,
        "targets": [target.model_dump(exclude_none=True, mode="json") for target in scenario.targets],
        "sources": {path: {"status": source.status, "note": source.note} for path, source in scenario.sources.items()},
        "unsaid": unsaid(scenario),
    }


def _new_agents(answer: dict[str, Any]) -> list[str]:
    """How many are new, and when most of those on the phones are."""
    new = answer["new_agents"]
    if new is None:
        return []
    most = max(new["share"])
    where = f"at most {100 * most:.0f} % of who is on the phones, at {answer['starts'][new['share'].index(most)]}"
    return [f"{'new agents':<24}{new['agents']:>9}   of {new['of']}; {where}"]


def _lines(answer: dict[str, Any]) -> list[str]:
    there = [one for one in answer["days"] if one["hours"] is not None]
    calls = {
        name: sum(one["calls"][name] for one in there) / max(len(there), 1)
        for name in answer["calls"] if name not in answer["lists"]
    }  # fmt: skip
    together = sum(calls.values())
    lines = [f"{answer['name']}: {answer['weekday']} {answer['date']}, {answer['starts'][0]} to {answer['closes']}"]
    if len(answer["days"]) > 1:
        first, last = (answer["days"][at]["date"] for at in (0, -1))
        lines[0] = f"{answer['name']}: {len(answer['days'])} connected days, {first} to {last}"
    lines += textwrap.wrap(answer["description"], WIDTH)
    which = f" on {len(there)} open days" if len(answer["days"]) > 1 else ""
    lines += ["", f"{'calls a day':<24}{together:>9,.0f}   expected{which}, entering the IVR; without surges"]
    took = answer["handle_time"]
    lines += [
        f"  {name:<22}{n:>9,.0f}   {_share(n, together):>4} %   handle time {took[name]:.0f} s{_by_hour(answer, name)}"
        for name, n in calls.items()
    ]
    lines += [f"{'list':<24}{contacts:>9,.0f}   contacts of {name}" for name, contacts in answer["lists"].items()]
    for name, surge in answer["surges"].items():
        parts = ", ".join(f"{n:,.0f} {kind}" for kind, n in surge["calls"].items())
        since = surge["at"] if len(answer["days"]) == 1 else f"{surge['on']} {surge['at']}"
        lines.append(f"{'surge':<24}{sum(surge['calls'].values()):>9,.0f}   {name} from {since}: {parts}")
    lines += _new_agents(answer)
    lines.append(f"{'trunks':<24}{'unlimited' if answer['trunks'] is None else answer['trunks']:>9}")
    if answer["ranges"]:
        lines += ["", "not known, drawn anew for every simulation (above: the median)"]
        lines += [f"  {path}: {text}" for path, text in answer["ranges"].items()]
    if len(answer["days"]) > 1:
        lines += ["", *_days(answer["days"]), "", f"{answer['weekday']} {answer['date']} (--date shows another):"]
    else:
        lines.append("")
    lines += _grid(answer)
    counts = {status: sum(s["status"] == status for s in answer["sources"].values()) for status in _STATUS}
    said = ", ".join(f"{n} {status}" for status, n in counts.items() if n) or "nobody said"
    lines += ["", f"where the numbers come from: {said}; --assumptions lists them"]
    return lines


def _by_hour(answer: dict[str, Any], name: str) -> str:
    """When handle times are shortest and longest, where that differs by a second."""
    row = answer["handle_time_by_interval"][name]
    low, high = min(row), max(row)
    if high - low < 1:
        return ""
    since, until = (answer["starts"][row.index(one)] for one in (low, high))
    return f", from {low:.0f} s at {since} to {high:.0f} s at {until}"


def _days(days: list[dict[str, Any]]) -> list[str]:
    """Hours, calls, load and heads of each day."""
    lines = [f"{'day':<16}{'open':<16}{'calls':>9}{'most load':>11}{'hours on phones':>17}"]
    for one in days:
        name = f"{date.fromisoformat(one['date']).strftime('%a')} {one['date']}"
        if one["hours"] is None:
            lines.append(f"{name:<16}closed{'':<47}{', '.join(one['special'])}")
        else:
            numbers = f"{sum(one['calls'].values()):>9,.0f}{one['load']:>11.1f}{one['head_hours']:>17,.1f}"
            lines.append(f"{name:<16}{' - '.join(one['hours']):<16}{numbers}   {', '.join(one['special'])}".rstrip()[:WIDTH])
    return lines


def _grid(answer: dict[str, Any]) -> list[str]:
    """Calls, load and heads by interval; groups beyond the fifth are summed, for 100 columns."""
    heads: dict[str, list[float]] = dict(answer["heads"])
    if len(heads) > 5:
        names = list(heads)
        rest = [sum(column) for column in zip(*(heads.pop(name) for name in names[4:]), strict=True)]
        heads["others"] = rest
    on = [row for name, row in answer["heads"].items() if name not in answer["back_office"]]
    total = [sum(column) for column in zip(*on, strict=True)] if on else [0.0] * len(answer["starts"])
    calls = [sum(column) for column in zip(*answer["calls"].values(), strict=True)]
    lines = ["interval   calls     load   phones" + "".join(f"{name[:12]:>13}" for name in heads)]
    for i, start in enumerate(answer["starts"]):
        each = "".join(f"{row[i]:>13.4g}" for row in heads.values())
        lines.append(f"{start:<8}{calls[i]:>8,.0f}{answer['load'][i]:>9.1f}{total[i]:>9.4g}{each}")
    lines.append("calls without surges; load: erlangs of those not contained; phones: agents there for callers")
    return lines


def _assumptions(answer: dict[str, Any]) -> list[str]:
    from sim.scenario.provenance import AS_GIVEN

    sources: dict[str, dict[str, str]] = answer["sources"]
    lines = []
    for status in _STATUS:
        rows = [(path, source["note"]) for path, source in sources.items() if source["status"] == status]
        rows += [(path, AS_GIVEN.note) for path in answer["unsaid"] if status == AS_GIVEN.status]
        for path, note in rows:
            begin = f"{status:<10}{path:<37} "  # a long path moves its note, and no other
            lines += textwrap.wrap(begin + note, WIDTH, subsequent_indent=" " * 48)
    lines += [f"{'range':<10}{path:<38}{text}" for path, text in answer["ranges"].items()]
    if not sources:
        lines.append("this story has no [sources]: nobody said where its numbers come from")
    lines.append("a path covers all that lies below it, but for what has a line of its own; the rest is at its default")
    return lines


def _share(part: float, whole: float) -> str:
    return f"{part / whole * 100:.0f}" if whole else "-"
