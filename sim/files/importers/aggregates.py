"""Aggregates: Genesys Cloud's answer to a conversation aggregate query, laid out as a table of intervals.

Source of the metrics: "Conversation aggregate query" in the Genesys Cloud developer documentation; durations are milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.files.importers.json_records import clean
from sim.files.reading import wrong
from sim.files.tables import Table

NEEDS = ("results",)
_ANSWER = '{ "results": [ { "group", "data": [ { "interval", "metrics" } ] } ] }'


def aggregate_table(name: str, documents: Iterable[tuple[int, dict[str, Any]]]) -> Table:
    """A row per group and interval: what the group is known by, the interval's ends, and each metric's statistics.

    A metric that an interval does not have was 0. Raises ScenarioError for a document of another form.
    """
    rows: list[dict[str, Any]] = []
    lines: list[int] = []
    for line, document in documents:
        at = "results"
        try:
            for number, result in enumerate(document["results"]):
                at = f"results[{number}]"
                for place, entry in enumerate(result.get("data") or []):
                    at = f"results[{number}].data[{place}]"
                    start, _, end = clean(str(entry["interval"])).partition("/")
                    group = result.get("group") or {}
                    row: dict[str, Any] = {clean(str(key)): clean(str(value)) for key, value in group.items()}
                    row |= {"interval start": start, "interval end": end}
                    for metric in entry.get("metrics") or []:
                        row |= {clean(f"{metric['metric']} {stat}"): float(value) for stat, value in metric["stats"].items()}
                    rows.append(row)
                    lines.append(line)
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
            message = f"{at} is not of an answer to an aggregate query: {_ANSWER}"
            raise wrong(f"{name}:{line}", message) from None
    if not rows:
        raise wrong(name, "has no intervals")
    header = tuple(dict.fromkeys(key for row in rows for key in row))
    numbers = {key for row in rows for key, value in row.items() if isinstance(value, float)}
    empty = {key: 0.0 if key in numbers and key.endswith(("count", "sum")) else "" for key in header}
    cells = tuple(tuple(row.get(key, empty[key]) for key in header) for row in rows)
    return Table(name, header, cells, tuple(lines), workbook=False, top=1)
