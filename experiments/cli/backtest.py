"""`callsim backtest`: fit some days of a record, simulate others that were not used, and say where the model can be trusted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.history_options import (
    HeadStart,
    OwnAgents,
    PatienceBy,
    TalkLevel,
    check_used,
    counted,
    head_starts,
    seconds_from,
    talk_level,
    weekday_groups,
)
from experiments.cli.options import FIGURES, Figure, Jobs, Json, Seed, check_days, check_jobs, check_output, date_from
from experiments.cli.output import echo, note, print_json
from experiments.cli.progress import Progress
from experiments.cli.workers import workers
from sim.scenario.errors import CallsimError
from sim.scenario.units import parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from experiments.backtest_days import Split
    from experiments.backtest_material import Material
    from sim.calibrate import Calibration
    from sim.files.history import History
    from sim.files.report import Report

    Fits = Callable[[Sequence[date], tuple[tuple[int, ...], ...] | None], list[Calibration]]

_CARDS = (".html", ".htm")


def backtest(
    source: Annotated[
        Path, typer.Argument(help="a call log, an interval report with AHT and heads, or a folder of callsim import")
    ],
    fit_from: Annotated[str | None, typer.Option("--fit-from", metavar="DATE", help="the first day that is fitted")] = None,
    fit_to: Annotated[str | None, typer.Option("--fit-to", metavar="DATE", help="the last day that is fitted")] = None,
    test_from: Annotated[str | None, typer.Option("--test-from", metavar="DATE", help="the first day that is tested")] = None,
    test_to: Annotated[str | None, typer.Option("--test-to", metavar="DATE", help="the last day that is tested")] = None,
    test: Annotated[
        str | None, typer.Option("--test", metavar="DAYS", help='of these, which are tested: "thursdays, last 6"')
    ] = None,
    others: Annotated[
        bool, typer.Option("--from-others", help="simulate each tested day by a fit of all other days, also of later ones")
    ] = False,
    with_set_aside: Annotated[
        bool, typer.Option("--with-set-aside", help="also test days unlike their weekdays: figures with and without them")
    ] = False,
    weekdays: Annotated[
        str | None, typer.Option(help='days that belong together: "sunday-thursday,friday"; not given: by the data')
    ] = None,
    interval: Annotated[str | None, typer.Option(help="length of an interval, for a call log; not given: 30m")] = None,
    within: Annotated[str | None, typer.Option(help="the T of the service level; not given: the report's, or 20s")] = None,
    credit: Annotated[
        str | None, typer.Option(metavar="WHERE", help="a call counts at its arrival, answer or end; not given: arrival")
    ] = None,
    head_start: HeadStart = None,
    patience_by: PatienceBy = None,
    own_agents: OwnAgents = None,
    level: TalkLevel = None,
    days: Annotated[str, typer.Option("--days", metavar="NUMBER", help="simulated days of each tested day")] = "200",
    seed: Seed = 1,
    jobs: Jobs = None,
    card: Annotated[
        Path | None, typer.Option("--card", metavar="FILE", help="write a model card of one page: .html, and .json beside it")
    ] = None,
    figure: Figure = None,
    json: Json = False,
) -> None:
    """Simulate recorded days by a fit of others, beside the record and Erlang: what the model is good for."""
    from sim.files.report import CREDITED

    replications, count = _days(days), check_jobs(jobs)
    check_output("--card", card, _CARDS)
    check_output("--figure", figure, FIGURES)
    groups, starts, step = weekday_groups(weekdays), head_starts(head_start), seconds_from("--interval", interval or "30m")
    limit, talk = parse_duration(within or "20s"), talk_level(level)
    if limit is None:
        raise CallsimError(f"--within {within}: must be a duration such as 20s; nothing was run")
    if credit not in (None, *CREDITED):
        raise CallsimError(f"--credit {credit}: must be {', '.join(CREDITED)}; nothing was run")
    fit = date_from("--fit-from", fit_from), date_from("--fit-to", fit_to)
    tested = date_from("--test-from", test_from), date_from("--test-to", test_to)

    from experiments.backtest import Asked
    from experiments.backtest import backtest as measure
    from experiments.backtest_days import split_of
    from experiments.screens.backtest_document import backtest_document
    from experiments.screens.backtest_screen import backtest_lines
    from sim.files.history import History
    from sim.files.recorded import read_recorded

    recorded = read_recorded(source)
    split = split_of(recorded.days(), fit=fit, test=tested, words=test, others=others)
    own = tuple(own_agents or ())
    if isinstance(recorded, History):
        found, material = _of_log(
            recorded, split, groups, starts, patience_by, own, step, talk, limit, credit or "arrival", with_set_aside
        )
    else:
        for_logs = {
            "--interval": interval, "--head-start": head_start, "--patience-by": patience_by, "--own-agents": own_agents,
            "--talk-level": level,
        }  # fmt: skip
        check_used(source, recorded, for_logs, {})
        found, material = _of_report(recorded, split, groups, limit, credit, with_set_aside)
    read = [*counted(recorded), *recorded.notes]
    asked = Asked(replications, seed, material.measuring.within, material.measuring.credit, with_set_aside)
    with Progress().compiling("compiled") as progress, workers(count, "compiled") as executor:
        outcome = measure(material, found, split, asked, executor=executor, progress=progress)
    wrote = []
    if card is not None or figure is not None:
        from experiments.cli.backtest_files import write_card, write_figure

        wrote += write_card(card, outcome, read=read) if card is not None else []
        wrote += write_figure(figure, outcome) if figure is not None else []
    if json:
        print_json(backtest_document(outcome, read=read))
    else:
        for line in backtest_lines(outcome, read=read):
            echo(line)
    for path in wrote:
        note(f"wrote {path}")


def _days(text: str) -> int:
    """How often each tested day is simulated; planners may look for the days that are tested here."""
    if not text.strip().lstrip("-").isdigit():
        raise CallsimError(
            f"--days {text}: is how often each tested day is simulated, a number such as 200; which days are tested is said by "
            f'--test "{text}"; nothing was run'
        )
    return check_days(int(text))


def _of_log(
    history: History,
    split: Split,
    groups: tuple[tuple[int, ...], ...] | None,
    starts: dict[str, float],
    patience_by: str | None,
    own: tuple[str, ...],
    interval: float,
    level: tuple[int, float] | None,
    within: float,
    credit: str,
    with_set_aside: bool,
) -> tuple[Calibration, Material]:
    """The fit, and what the log gives of the tested days."""
    import numpy as np

    from experiments.backtest_material import material_of_log
    from sim.calibrate import calibrate

    def fits(days: Sequence[date], together: tuple[tuple[int, ...], ...] | None) -> list[Calibration]:
        used = history.where(np.isin(history.day, [day.toordinal() for day in days]))
        return calibrate(
            used, interval=interval, weekdays=together, head_start=starts, own_agents=own, patience_by=patience_by,
            talk_level=level, sets=0,
        )

    fit = _most_like(fits(split.fitted, groups), split)
    without = _without(fits, split, fit)
    material = material_of_log(
        history, fit, split, within=within, credit=credit, own_agents=own, without=without, with_set_aside=with_set_aside
    )
    return fit, material


def _of_report(
    report: Report,
    split: Split,
    groups: tuple[tuple[int, ...], ...] | None,
    within: float,
    credit: str | None,
    with_set_aside: bool,
) -> tuple[Calibration, Material]:
    """The fit, and what the report gives of the tested days."""
    from experiments.backtest_reports import material_of_report, on_days
    from sim.calibrate import calibrate_report

    def fits(days: Sequence[date], together: tuple[tuple[int, ...], ...] | None) -> list[Calibration]:
        return calibrate_report(on_days(report, set(days)), weekdays=together, sets=0)

    fit = _most_like(fits(split.fitted, groups), split)
    without = _without(fits, split, fit)
    return fit, material_of_report(
        report, fit, split, within=within, credit=credit, without=without, with_set_aside=with_set_aside
    )


def _without(fits: Fits, split: Split, fit: Calibration) -> Callable[[date], Calibration] | None:
    """The fit of the weekdays of `fit` from all days but one, where each is tested by the others."""
    from experiments.backtest_days import weekdays_of

    if not split.others:
        return None
    alike = tuple(sorted(weekdays_of(fit)))
    return lambda out: fits([day for day in split.fitted if day != out and day.weekday() in alike], (alike,))[0]


def _most_like(fits: list[Calibration], split: Split) -> Calibration:
    """The fit that most of the tested days are like."""
    from experiments.backtest_days import weekdays_of

    return max(fits, key=lambda one: sum(day.weekday() in weekdays_of(one) for day in split.tested))
