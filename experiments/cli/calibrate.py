"""`callsim calibrate`: a call log or an interval report becomes a story, every input marked measured, given or assumed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.calibrate_files import write_stories, write_surges
from experiments.cli.calibrate_roster import with_rosters
from experiments.cli.history_options import (
    From,
    HeadStart,
    OwnAgents,
    PatienceBy,
    TalkLevel,
    To,
    check_numbers,
    check_used,
    counted,
    head_starts,
    seconds_from,
    talk_level,
    used_of,
    weekday_groups,
)
from experiments.cli.options import Json, date_from
from experiments.cli.output import echo, note, print_json
from experiments.cli.progress import Progress
from sim.scenario.errors import CallsimError
from sim.scenario.units import parse_duration

_HEADS_DAYS = 100  # simulated days on which inferring heads is tried

if TYPE_CHECKING:
    from datetime import date

    from sim.calibrate import Calibration
    from sim.calibrate.level import Span
    from sim.calibrate.redials import Redial
    from sim.files.history import History
    from sim.files.report import Report


def calibrate(
    log: Annotated[
        Path, typer.Argument(help="call log or interval report (.csv, .csv.gz, .xlsx, .parquet), or a folder of callsim import")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="a new or empty folder for the story")],
    first: From = None,
    last: To = None,
    weekdays: Annotated[
        str | None, typer.Option(help='days that belong together: "sunday-thursday,friday"; not given: by the data')
    ] = None,
    target: Annotated[
        str | None, typer.Option("--for", metavar="DATE", help="the day that the story is for; with --like")
    ] = None,
    like: Annotated[
        str | None, typer.Option(metavar="DAYS", help='the recorded days to measure: "thursdays, last 8", "pay days, last 6"')
    ] = None,
    day_types: Annotated[
        Path | None, typer.Option("--calendar", help="days with a type of their own (date, type): holidays, pay days")
    ] = None,
    growing: Annotated[
        str | None, typer.Option("--growth", help='calls until the day of --for: none, measured, or a share such as "+4%"')
    ] = None,
    calls_level: Annotated[
        str | None, typer.Option(help="calls on the day of --for: recent (as the last days let expect; if not given), or all")
    ] = None,
    redials: Annotated[
        str | None, typer.Option(help='tell first calls from redials: measured, or stated, "40% after 12m"')
    ] = None,
    sessions: Annotated[
        Path | None, typer.Option(help="who was logged on when (agent, start, end): heads as logged on, not as inferred")
    ] = None,
    roster: Annotated[
        Path | None, typer.Option(help="who works when (docs/roster.md): these people in place of heads, and how many come")
    ] = None,
    roster_sheet: Annotated[str | None, typer.Option(help="of the roster's workbook; not given: the first")] = None,
    roster_legend: Annotated[str | None, typer.Option(help="what its codes mean: a file, or a sheet of the workbook")] = None,
    roster_skills: Annotated[str | None, typer.Option(help="who can do what: a file, or a sheet of the workbook")] = None,
    id_key: Annotated[
        Path | None, typer.Option(help="the key with which callsim import hashed names, to know the roster's again")
    ] = None,
    tune: Annotated[
        bool, typer.Option("--tune", help="patience such that the simulation loses as many as an interval report says")
    ] = False,
    with_surges: Annotated[
        bool, typer.Option("--surges", help="write the record's surges as policies, to be laid over the story")
    ] = False,
    interval: Annotated[str | None, typer.Option(help="length of an interval, for a call log; not given: 30m")] = None,
    head_start: HeadStart = None,
    patience_by: PatienceBy = None,
    own_agents: OwnAgents = None,
    level: TalkLevel = None,
    day: Annotated[str | None, typer.Option("--date", help="the date of a report that has none")] = None,
    sheet: Annotated[str | None, typer.Option(help="of a workbook; not given: the first")] = None,
    sets: Annotated[
        int, typer.Option("--sets", help="how often all is estimated again, on days drawn again, for intervals; 0: not", min=0)
    ] = 200,
    heads_days: Annotated[
        int | None,
        typer.Option(help="simulated days with known heads, at most, on which inferring them is tried: 100; 0: not", min=0),
    ] = None,
    figures: Annotated[
        Path | None, typer.Option(help="a folder for pictures of the fit: calls, swing, handle times, patience")
    ] = None,
    json: Json = False,
) -> None:
    """Measure a story in recorded calls: profiles, busyness, handle times, censored patience, staffing."""
    groups = weekday_groups(weekdays)
    since, until = date_from("--from", first), date_from("--to", last)
    starts, talk = head_starts(head_start), talk_level(level)
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise CallsimError(f"{output}: is not empty; nothing was written. Name a new or empty folder")

    when = date_from("--for", target)
    _check_target(when, like, growing, weekdays, calls_level)
    tries = _HEADS_DAYS if heads_days is None else heads_days
    check_numbers(sets, tries)
    stated = _redials(redials)
    _check_roster(roster, roster_sheet=roster_sheet, roster_legend=roster_legend, roster_skills=roster_skills, id_key=id_key)

    from experiments.cli.figures import write_fit, write_staffing
    from experiments.fit import fit
    from experiments.screens.calibration_screen import calibration_document, calibration_lines
    from sim.calibrate import calibrate as measure
    from sim.calibrate import calibrate_report
    from sim.calibrate.carried import carried, drawn_of
    from sim.calibrate.logged_on import with_sessions
    from sim.calibrate.redials import measured_redial, with_redials
    from sim.calibrate.selection import apart
    from sim.files.day_types import read_day_types
    from sim.files.recorded import read_recorded
    from sim.files.report import Report
    from sim.files.sessions import read_sessions

    length = seconds_from("--interval", interval or "30m")

    def measured(
        part: History | Report, together: tuple[tuple[int, ...], ...] | None, span: Span | None = None
    ) -> list[Calibration]:
        if isinstance(part, Report):
            return calibrate_report(part, weekdays=together, surges_apart=with_surges, talk_level=talk, span=span, sets=sets)
        own = tuple(own_agents or ())
        of_log = measure(
            part, interval=length, weekdays=together, head_start=starts, own_agents=own, patience_by=patience_by,
            surges_apart=with_surges, talk_level=talk, span=span, sets=sets,
        )  # fmt: skip
        return _tried(of_log, part, own, tries) if tries else of_log

    recorded = used_of(read_recorded(log, day=date_from("--date", day), sheet=sheet), since, until)
    for_logs = {
        "--interval": interval, "--head-start": head_start, "--own-agents": own_agents, "--patience-by": patience_by,
        "--heads-days": heads_days or None,
    }  # fmt: skip
    check_used(log, recorded, for_logs, {"--date": day, "--sheet": sheet, "--tune": tune or None})
    if redials == "measured":
        _log(recorded)
    logged = None if sessions is None else read_sessions(sessions)
    types = read_day_types(day_types) if day_types is not None else {}
    read = [*counted(recorded), *recorded.notes]
    if when is not None:
        found = [_for_day(recorded, when, str(like), types, growing, measured, recent=_recent(calls_level, growing))]
    else:
        found = apart(recorded, types, groups, measured)
    pictured = None if figures is None else fit(found[0], recorded, surges_apart=with_surges)  # of attempts
    if redials is not None:
        redial = stated or measured_redial(_log(recorded), drawn_of(recorded.days(), found))
        found = [with_redials(one, recorded, redial) for one in found]
    if roster is not None:
        given = {"file": str(roster), "sheet": roster_sheet, "legend": roster_legend, "skills": roster_skills}
        found = with_rosters(
            found, recorded, {key: name for key, name in given.items() if name is not None}, sessions=logged,
            own_agents=tuple(own_agents or ()), id_key=id_key, for_day=when is not None,
        )  # fmt: skip
    elif logged is not None:
        found = [with_sessions(one, logged) for one in found]
    if tune:
        found = _tuned(found, recorded)
    found = [carried(one) for one in found]
    files = write_stories(output, found)
    notes = write_surges(output, found[0], recorded) if with_surges else []
    drawn = [] if figures is None or pictured is None else [*write_fit(figures, pictured), *write_staffing(figures, found[0])]
    if json:
        print_json(calibration_document(found, files, log=str(log), read=read))
    else:
        for line in calibration_lines(found, files, log=str(log), read=read):
            echo(line)
    for text in [*notes, *(f"wrote {path}" for path in drawn)]:
        note(text)


def _check_roster(roster: Path | None, **beside: object) -> None:
    if roster is not None and not roster.is_file():
        raise CallsimError(f"--roster {roster}: no such file; nothing was done")
    for key, given in beside.items():
        if given is not None and roster is None:
            raise CallsimError(f"--{key.replace('_', '-')}: goes with --roster; nothing was done")


def _tried(found: list[Calibration], recorded: History, own: tuple[str, ...], days: int) -> list[Calibration]:
    """With what inferring heads is worth, on simulated days."""
    from sim.calibrate.trial import with_trials

    with Progress().compiling("compiled"):
        return [with_trials(one, recorded, own_agents=own, days=days) for one in found]


def _tuned(found: list[Calibration], recorded: History | Report) -> list[Calibration]:
    from experiments.tuning import tuned
    from sim.files.report import Report

    assert isinstance(recorded, Report)  # --tune goes with one
    with Progress().compiling("compiled"):
        return [tuned(one, recorded)[0] for one in found]


def _check_target(
    when: date | None, like: str | None, growing: str | None, weekdays: str | None, level: str | None
) -> None:
    if (when is None) != (like is None):
        raise CallsimError('--for and --like go together: --for 2026-12-03 --like "thursdays, last 8"; nothing was done')
    if growing is not None and when is None:
        raise CallsimError("--growth: goes with --for, the day up to which calls grow; nothing was done")
    if weekdays is not None and when is not None:
        raise CallsimError("--weekdays: which days belong together is said by --like; nothing was done")
    if level is not None and when is None:
        raise CallsimError("--calls-level: goes with --for, the day whose level is meant; nothing was done")
    if level not in (None, "recent", "all"):
        raise CallsimError(f"--calls-level {level}: must be recent or all; nothing was done")
    if level == "recent" and growing not in (None, "none"):
        raise CallsimError("--calls-level recent and --growth: each says how many call on the day; give one; nothing was done")
    if growing not in (None, "none", "measured") and _share(growing) is None:
        raise CallsimError(f'--growth {growing}: must be none, measured, or a share such as "+4%"; nothing was done')


def _recent(level: str | None, growing: str | None) -> bool:
    """Whether the last days say the level: unless growth does, which would then count twice."""
    return level == "recent" or (level is None and growing in (None, "none"))


def _redials(text: str | None) -> Redial | None:
    """``40% after 12m``; None for "measured" and for nothing."""
    if text in (None, "measured"):
        return None
    share, _, time = str(text).partition(" after ")
    chance, after = _share(share), parse_duration(time)
    if chance is None or not 0 <= chance < 1 or not after:
        raise CallsimError(f'--redials {text}: must be measured, or such as "40% after 12m"; nothing was done')
    from sim.calibrate.redials import stated_redial

    return stated_redial(chance, after)


def _log(recorded: History | Report) -> History:
    from sim.files.history import History

    if not isinstance(recorded, History):
        raise CallsimError('--redials measured: needs a call log; state them, such as --redials "40% after 12m"')
    return recorded


def _share(text: str | None) -> float | None:
    """``+4%`` as 0.04; None for what is no share above -100 %."""
    found = re.fullmatch(r"([+-]?\d+(?:\.\d+)?)\s*%", text or "")
    return float(found[1]) / 100 if found and float(found[1]) > -100 else None


def _for_day(
    recorded: History | Report, when: date, like: str, types: dict[date, str], growing: str | None,
    measured: Callable[..., list[Calibration]], *, recent: bool,
) -> Calibration:  # fmt: skip
    """The scenario of a day, measured on the days that are like it."""
    from sim.calibrate.calibration import Grown
    from sim.calibrate.recent import span_before
    from sim.calibrate.selection import choose, day_counts, of_days
    from sim.calibrate.target import for_day, growth, measured_growth

    chosen = choose(recorded, like, before=when, types=types)
    part = of_days(recorded, chosen.used)
    weekdays = tuple(sorted({day.weekday() for day in chosen.used}))
    counts, _ = day_counts(of_days(recorded, choose(recorded, "every day", before=when, types=types).used))
    totals = counts.calls.sum(axis=1)
    seen, span = growth(counts.days, totals), span_before(when, chosen.used[0], counts.days, totals, types)
    (found,) = measured(part, (weekdays,), span)
    share, grown = _share(growing), Grown()
    if share is not None:
        grown = Grown(1 + share, f"growth of {growing} as stated")
    elif growing == "measured":
        if seen is None:
            raise CallsimError("--growth measured: the record is too short to say how calls grow; nothing was written")
        grown = measured_growth(found, when, counts.days, totals, seen)
    return for_day(found, when, chosen, seen, grown, recent=recent)
