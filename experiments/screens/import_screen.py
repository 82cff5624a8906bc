"""Import screen: what was read of an export, what was left out, and what was assumed, each with where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.screens.present import days, wrapped
from sim.files.importers.importing import Imported
from sim.files.importers.recognize import form_titles

IMPORT = "callsim/import/1"
_MOST = 6  # gaps and names that are listed; the document has all
_HASHED = "callers and agents are hashes with your key: the same person is the same name in every import of yours"
_PLAIN = "callers and agents are kept as they are (--keep-ids): mind who may see them"


def import_lines(found: Imported, files: Sequence[Path], *, hashed: bool) -> list[str]:
    """Lines of at most 100 columns; those that end with a star were assumed."""
    lines = []
    for path, form in zip(files, found.forms, strict=True):
        status = f" ({form.mapping.status})" if form.mapping is not None and form.mapping.status else ""
        lines += wrapped("read", f"{path.name}: {form.title}{status}")
    dates = f"{days(len(found.days))}, {found.days[0]} to {found.days[-1]}"
    more = f" and {len(found.call_types) - _MOST} more" if len(found.call_types) > _MOST else ""
    names = ", ".join(found.call_types[:_MOST]) + more
    lines += wrapped("rows", f"{found.count:,} {found.rows}; {dates}; call types: {names}")
    subject = ""
    for one in found.findings:
        label = one.subject if one.subject != subject else ""
        subject = one.subject
        lines += wrapped(label, f"{one.text}{' *' if one.assumed else ''}")
    if found.rows == "calls":
        lines += wrapped("names", _HASHED if hashed else _PLAIN)
        if not found.callers:
            lines += wrapped("callers", "are not in the log: calls count attempts, and redials are among them *")
    lines += _gap_lines(found)
    if any(one.assumed for one in found.findings):
        lines += wrapped("", "* assumed: please check")
    return lines


def _gap_lines(found: Imported) -> list[str]:
    lines = []
    row = "call" if found.rows == "calls" else "row"
    for gaps, what in (
        ([gap for gap in found.gaps if not gap.call_type], f"without a {row}, set aside and not taken as 0 calls"),
        (
            [gap for gap in found.gaps if gap.call_type],
            f"without a {row} of one call type while others go on, not taken as 0 calls of it",
        ),
    ):
        if gaps:
            named = "; ".join(str(gap) for gap in gaps[:_MOST])
            more = f"; and {len(gaps) - _MOST} more" if len(gaps) > _MOST else ""
            noun = "stretch" if len(gaps) == 1 else "stretches"
            lines += wrapped("gaps", f"{len(gaps)} {noun} {what}: {named}{more}")
    if found.days_missing:
        named = ", ".join(str(day) for day in found.days_missing[:_MOST])
        more = f" and {len(found.days_missing) - _MOST} more" if len(found.days_missing) > _MOST else ""
        lines += wrapped("no data", f"{days(len(found.days_missing))} on which others of their weekday have some: {named}{more}")
    return lines


def import_document(found: Imported, files: Sequence[str], *, hashed: bool) -> dict[str, Any]:
    """``callsim/import/1``: files, rows, count, days, call_types, findings, gaps, days_missing, hashed, wrote."""
    return {
        "schema": IMPORT,
        "files": [
            {"file": name, "format": form.name, "title": form.title}
            for name, form in zip(files, found.forms, strict=True)
        ],
        "rows": found.rows,
        "count": found.count,
        "days": [str(day) for day in found.days],
        "call_types": list(found.call_types),
        "findings": [one._asdict() for one in found.findings],
        "gaps": [
            {"date": str(gap.day), "from": gap.start, "to": gap.end, "usual": gap.usual, "call_type": gap.call_type or None}
            for gap in found.gaps
        ],
        "days_missing": [str(day) for day in found.days_missing],
        "callers_known": found.callers,
        "hashed": hashed,
        "wrote": [path.name for path in found.files],
    }


def format_lines() -> list[str]:
    """The forms that are known, by their names."""
    lines = ["Forms that callsim import knows; auto finds them by their titles:", ""]
    for name, title in form_titles().items():
        lines += wrapped(name, title, indent=34)
    return lines
