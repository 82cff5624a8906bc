"""Thresholds on the command line of `run` and `compare`: checked before anything runs, an exit code at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments.cli.errors import MISSED, UNDECIDED

if TYPE_CHECKING:
    from experiments.gate import Undecided
    from experiments.run import Results
    from experiments.verdicts import Verdict
    from sim.scenario.scenario import Scenario

ThresholdOption = Annotated[
    list[str] | None,
    typer.Option(
        "--threshold", metavar="TEXT", help='such as "answer_rate >= 0.9"; ends with 99 missed, 3 undecided; may be repeated'
    ),
]


def check_thresholds(texts: list[str] | None, scenarios: Mapping[str, Scenario], baseline: str | None) -> list[str]:
    """The thresholds; raises ScenarioError naming each that does not parse or does not fit one of the scenarios."""
    from dataclasses import replace

    from experiments.threshold import parse_all
    from sim.scenario.errors import ScenarioError

    wanted = list(texts or [])
    for scenario in scenarios.values():
        try:
            parse_all(wanted, scenario, baseline=baseline is not None)
        except ScenarioError as error:
            raise ScenarioError([replace(one, path="", place="--threshold") for one in error.problems]) from None
    return wanted


def verdicts_on(results: Results, texts: list[str], baseline: str | None) -> dict[str, list[Verdict]]:
    """The verdicts on every scenario but the baseline; on it too when it is alone."""
    from experiments.verdicts import check

    names = [name for name in results.tallies if name != baseline] or list(results.tallies)
    return {name: check(results, texts, scenario=name, baseline=baseline) for name in names} if texts else {}


def threshold_lines(found: Mapping[str, list[Verdict]]) -> list[str]:
    """Lines to print below the answer; none without thresholds."""
    from experiments.screens.gate_screen import verdict_lines

    lines: list[str] = []
    for name, verdicts in found.items():
        lines += ["", *([name] if len(found) > 1 else []), *verdict_lines(verdicts)]
    return lines


def threshold_document(found: Mapping[str, list[Verdict]]) -> dict[str, Any]:
    """What is laid over the document; nothing without thresholds."""
    from experiments.screens.gate_formats import verdict_table

    if not found:
        return {}
    return {"thresholds": [{"scenario": name} | verdict_table(one) for name, all_ in found.items() for one in all_]}


def exit_code(found: Mapping[str, list[Verdict]]) -> int:
    """Of all verdicts together; undecided fails."""
    verdicts = [one for all_ in found.values() for one in all_]
    return code_of(verdicts) if verdicts else 0


def code_of(verdicts: Sequence[Verdict], undecided: Undecided = "fail") -> int:
    """0 when all are met, 99 when one is missed, else 3 where undecided is to fail."""
    from experiments.verdicts import overall

    return {"met": 0, "missed": MISSED, "undecided": UNDECIDED if undecided == "fail" else 0}[overall(verdicts)]
