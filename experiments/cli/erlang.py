"""`callsim erlang`: the calculator planners know, with Erlang B, C and A beside each other."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from experiments.cli.options import Json
from experiments.cli.output import echo, print_json
from sim.scenario.errors import CallsimError
from sim.scenario.units import parse_duration

if TYPE_CHECKING:
    from experiments.screens.erlang_sheet import SheetRecord

SCHEMA = "callsim/erlang/1"
_LEFT, _MIDDLE = 27, 30


def erlang(
    calls: Annotated[float | None, typer.Option(help="calls offered in one interval")] = None,
    per: Annotated[str, typer.Option(help="length of the interval")] = "30m",
    aht: Annotated[str | None, typer.Option(help="average handle time: talk + after-call work")] = None,
    agents: Annotated[int | None, typer.Option(help="agents on the phones", min=0)] = None,
    within: Annotated[str, typer.Option(help="the T of the service level")] = "20s",
    service_level: Annotated[float, typer.Option(help="share to answer within T", min=0.0, max=1.0)] = 0.8,
    patience: Annotated[str | None, typer.Option(help="mean patience; adds Erlang A")] = None,
    shrinkage: Annotated[float, typer.Option(help="share of rostered time off the phones")] = 0.0,
    markup: Annotated[bool, typer.Option("--markup", help="rostered = needed x (1 + shrinkage)")] = False,
    lines: Annotated[int | None, typer.Option(help="telephone lines; adds Erlang B", min=0)] = None,
    file: Annotated[Path | None, typer.Option(help="a sheet with one interval per row: .csv, .xlsx")] = None,
    json: Json = False,
) -> None:
    """Load, service level, wait, needed and rostered heads by Erlang B, C and A; one interval or a whole sheet."""
    times = {
        "per": _seconds("--per", per),
        "within": _seconds("--within", within),
        "patience": None if patience is None else _seconds("--patience", patience),
    }
    convention: Literal["divide", "markup"] = "markup" if markup else "divide"
    try:
        if file is not None:
            _sheet(file, times, aht, service_level, shrinkage, convention, json)
            return
        if calls is None or aht is None:
            raise CallsimError("erlang needs --calls and --aht, or --file; for example: "
                               "callsim erlang --calls 372 --per 30m --aht 290s --agents 74")  # fmt: skip
        answer = _count(calls, _seconds("--aht", aht), agents, times, service_level, shrinkage, lines)
    except ValueError as error:
        raise CallsimError(str(error)) from error
    if json:
        print_json({"schema": SCHEMA} | answer)
        return
    for line in _table(answer, convention):
        echo(line)


def _seconds(option: str, text: str) -> float:
    """A duration option in seconds; a bare number is seconds. Raises CallsimError naming the option."""
    try:
        seconds = float(text)
    except ValueError:
        parsed = parse_duration(text)
        if parsed is None:
            raise CallsimError(f'{option}: must be a duration such as 290s or 4m50s; found "{text}"') from None
        seconds = parsed
    if not 0 <= seconds < math.inf:
        raise CallsimError(f"{option}: must not be below 0; found {text}")
    return seconds


def _count(
    calls: float,
    aht: float,
    agents: int | None,
    times: dict[str, float | None],
    service_level: float,
    shrinkage: float,
    lines: int | None,
) -> dict[str, Any]:
    """One interval counted by all models; times in seconds, shares from 0 to 1, None where there is no answer."""
    from experiments.screens.erlang_sheet import Row, sheet
    from sim.erlang import erlang_b

    per, within, patience = times["per"], times["within"], times["patience"]
    if not per:
        raise CallsimError("--per: must be above 0")
    options: dict[str, Any] = {
        "within": within, "service_level": service_level, "shrinkage": shrinkage,
    }  # fmt: skip
    (main,) = sheet([Row("", calls, per, aht, agents, patience)], **options)
    tight = math.floor(main.load) + 1  # the smallest number for which Erlang C has an answer
    edge = sheet([Row("", calls, per, aht, tight, patience)], **options)[0] if agents != tight else None
    return {
        "calls": calls, "per": per, "aht": aht, "agents": agents, "within": within, "patience": patience,
        "service_level": service_level, "shrinkage": shrinkage, "lines": lines,
        "result": asdict(main),
        "at_the_load": None if edge is None else asdict(edge),
        "blocked": None if lines is None else erlang_b(main.load, lines),
    }  # fmt: skip


def _table(answer: dict[str, Any], convention: str) -> list[str]:
    """The answer for the screen: Erlang C in the middle, Erlang A at the right."""
    r, patience = answer["result"], answer["patience"]
    with_a = patience is not None
    within = f"{answer['within']:g} s"
    lines = [_row("", "Erlang C (nobody hangs up)", f"Erlang A (mean patience {patience:g} s)" if with_a else "")]
    load = f"{r['load']:.1f} erlangs"
    lines.append(_row("load", load, load if with_a else ""))
    if answer["agents"] is not None:
        silent = f"no answer: {r['load']:.1f} on {answer['agents']}"
        level = f"{_percent(r['a_service_level'])} of offered"
        lines += [
            _row(f"answered within {within}", _percent(r["c_service_level"], silent), level if with_a else ""),
            _row(
                "answer rate",
                "-" if r["c_asa"] is None else "100 % by assumption",
                _percent(r["a_answer_rate"]) if with_a else "",
            ),
            _row("average wait", _wait(r["c_asa"]), _wait(r["a_mean_wait"]) if with_a else ""),
            _row("occupancy", _percent(r["c_occupancy"]), _percent(r["a_occupancy"]) if with_a else ""),
        ]
    target = f"needed for {answer['service_level'] * 100:g} % in {within}"
    lines.append(_row(target, f"{r['needed']} on phones", f"{r['needed_a']} on phones" if with_a else ""))
    if answer["shrinkage"]:
        share, needed = answer["shrinkage"], r["needed"]
        divided = f"{r['rostered']:.1f} = {needed} / (1 - {share:g})"
        marked = f"{needed} x {1 + share:g} = {r['rostered_markup']:.1f}"
        first, second = (divided, f"(--markup: {marked})") if convention == "divide" else (marked, f"({divided})")
        lines.append(_row(f"rostered, {share * 100:g} % shrinkage", first, second))
    edge = answer["at_the_load"]
    if edge is not None and answer["agents"] is not None:
        rate = f"{_percent(edge['a_answer_rate'])} answered, {_percent(edge['a_service_level'])} within {within}"
        wait = f"average wait {_wait(edge['c_asa'])}"
        lines.append(_row(f"with {edge['agents']} agents", wait, rate if with_a else ""))
    if answer["blocked"] is not None:
        busy = f"{_percent(answer['blocked'])} get a busy tone (Erlang B, nobody waits)"
        lines.append(_row(f"with {answer['lines']} lines", busy, ""))
    return lines


def _sheet(
    file: Path,
    times: dict[str, float | None],
    aht: str | None,
    service_level: float,
    shrinkage: float,
    convention: str,
    json: bool,
) -> None:
    """Every row of a sheet; columns start, calls, aht, agents, patience, of which options fill those missing."""
    from experiments.cli.erlang_file import rows
    from experiments.screens.erlang_sheet import sheet

    fill = times | {"aht": None if aht is None else _seconds("--aht", aht)}
    given, remarks = rows(file, fill)
    within = times["within"] or 0.0
    records = sheet(given, within=within, service_level=service_level, shrinkage=shrinkage)
    if json:
        plain = [asdict(record) for record in records]
        print_json({"schema": SCHEMA, "remarks": remarks, "rows": plain})
        return
    for line in [*remarks, *_sheet_table(records, within, service_level, convention)]:
        echo(line)


def _sheet_table(records: list[SheetRecord], within: float, service_level: float, convention: str) -> list[str]:
    """One line per interval in at most 100 columns."""
    level, target = f"in {within:g} s", f"{service_level * 100:g} %"
    lines = [
        f"{'':<39}{'Erlang C':<23}{'Erlang A':<20}needed for",
        f"{'start':<8}{'calls':>7}{'AHT':>7}{'agents':>8}{'load':>7}"
        f"{level:>10}{'wait':>8}{level:>13}{'answered':>10}{target:>8}{'rostered':>10}",
    ]
    for r in records:
        roster = r.rostered if convention == "divide" else r.rostered_markup
        lines.append(
            f"{r.start:<8}{r.calls:>7,.5g}{r.aht:>7.0f}{_dash(r.agents, 'd'):>8}{r.load:>7.1f}"
            f"{_percent(r.c_service_level):>10}{_wait(r.c_asa):>8}"
            f"{_percent(r.a_service_level):>13}{_percent(r.a_answer_rate):>10}"
            f"{r.needed:>8}{roster:>10.1f}"
        )
    if any(r.note for r in records):
        lines.append("-  no answer: with more load than agents, Erlang C's queue grows without end")
    return lines


def _row(name: str, middle: str, right: str) -> str:
    return f"{name:<{_LEFT}}{middle:<{_MIDDLE}}{right}"


def _dash(number: float | None, form: str) -> str:
    return "-" if number is None else format(number, form)


def _percent(share: float | None, otherwise: str = "-") -> str:
    return otherwise if share is None else f"{share * 100:.1f} %"


def _wait(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
