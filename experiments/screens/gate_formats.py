"""Gate formats: a decision as JSON, JUnit XML, Markdown and GitHub annotations.

callsim/gate/1: gate, story, days, limit, seed, looks, verdict, undecided, parameters, baseline {hash, version, machine, days} or
  null, changed [{path, old, new}], thresholds [{threshold, series, line, verdict, value, low, high, days, more_days, half_width}]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from xml.etree import ElementTree

from experiments.baseline import Baseline
from experiments.gate import Decision, Gate
from experiments.identity import changed_paths, content
from experiments.screens.annotations import annotation
from experiments.screens.gate_screen import days_of, found, named, price
from experiments.verdicts import Verdict
from sim.scenario.scenario import Scenario

SCHEMA = "callsim/gate/1"


def gate_document(gate: Gate, decision: Decision, *, file: str, lines: Sequence[int]) -> dict[str, Any]:
    """The decision as ``callsim/gate/1``."""
    kept = gate.baseline
    old = None if kept is None else content(kept) if isinstance(kept, Scenario) else dict(kept.content)
    about = None
    if isinstance(kept, Baseline):
        about = {"hash": kept.hash, "version": kept.version, "machine": kept.machine, "days": kept.days}
    changes = [] if old is None else changed_paths(old, content(gate.scenario))
    return {
        "schema": SCHEMA, "gate": file, "story": gate.scenario.name, "days": decision.days, "limit": gate.days,
        "seed": gate.seed, "looks": list(decision.looks), "verdict": decision.word, "undecided": gate.undecided,
        "parameters": "fixed" if gate.scenario.parameters is None else "uncertain",
        "baseline": about, "changed": [{"path": path, "old": before, "new": after} for path, before, after in changes],
        "thresholds": [
            verdict_table(one) | {"line": line} for one, line in zip(decision.verdicts, lines, strict=True)
        ],
    }  # fmt: skip


def verdict_table(verdict: Verdict) -> dict[str, Any]:
    """A verdict as a document says it."""
    one = verdict.threshold
    return {
        "threshold": one.text, "series": one.series, "verdict": verdict.word, "value": verdict.value, "low": verdict.low,
        "high": verdict.high, "days": verdict.days, "more_days": verdict.more_days,
        "half_width": None if verdict.halves is None else asdict(verdict.halves),
    }  # fmt: skip


def junit(gate: Gate, decision: Decision, *, file: str, lines: Sequence[int], seconds: float) -> str:
    """JUnit XML: a test case per threshold; missed is a failure, undecided one too where it is to fail, else skipped."""
    failing = [one for one in decision.verdicts if _fails(one, gate)]
    skipped = [one for one in decision.verdicts if one.word == "undecided" and one not in failing]
    suite = ElementTree.Element(
        "testsuite", name=f"callsim gate {file}", tests=str(len(decision.verdicts)), failures=str(len(failing)),
        errors="0", skipped=str(len(skipped)), time=f"{seconds:.3f}",
    )  # fmt: skip
    for one, line in zip(decision.verdicts, lines, strict=True):
        case = ElementTree.SubElement(suite, "testcase", classname=file, name=one.threshold.text, file=file, line=str(line))
        text = _sentence(one)
        if one in failing:
            ElementTree.SubElement(case, "failure", message=text, type=one.word).text = text
        elif one.word == "undecided":
            ElementTree.SubElement(case, "skipped", message=text)
        ElementTree.SubElement(case, "system-out").text = text
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def markdown(gate: Gate, decision: Decision, *, title: str) -> str:
    """A summary for a pull request."""
    rows = [
        f"| `{named(one.threshold)}` | {found(one)} | {_strong(one)} |".replace("|=", "\\|=") for one in decision.verdicts
    ]
    head = f"### callsim gate: {decision.word}\n\n{title}; {days_of(gate, decision)}, seed {gate.seed}\n"
    return "\n".join([head, "| threshold | found (95 % interval) | verdict |", "|---|---|---|", *rows, ""])


def github_lines(gate: Gate, decision: Decision, *, file: str, lines: Sequence[int]) -> list[str]:
    """GitHub workflow commands for what is not met."""
    found_lines = []
    for one, line in zip(decision.verdicts, lines, strict=True):
        if one.word != "met" and not (one.word == "undecided" and gate.undecided == "pass"):
            kind = "error" if _fails(one, gate) else "warning"
            found_lines.append(annotation(kind, file, line, f"{one.threshold.series} {one.word}", _sentence(one)))
    return found_lines


def _fails(verdict: Verdict, gate: Gate) -> bool:
    return verdict.word == "missed" or (verdict.word == "undecided" and gate.undecided == "fail")


def _sentence(verdict: Verdict) -> str:
    more = price(verdict)
    return f"{named(verdict.threshold)}: {verdict.word}, found {found(verdict)}" + (f"; {more}" if more else "")


def _strong(verdict: Verdict) -> str:
    return f"**{verdict.word}**" if verdict.word != "met" else verdict.word
