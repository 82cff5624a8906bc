"""Breakdown: who gains and who pays: the measure and the ASA of a comparison by label value."""

from __future__ import annotations

from dataclasses import dataclass

from experiments.data_error import known_of
from experiments.run import Results
from experiments.screens.present import amount, count, gain
from experiments.statistics import Estimate, ratio
from experiments.values import parts, reads
from sim.measures.cut import label_names
from sim.scenario.errors import CallsimError

_MOST = 6  # label values that a table shows
_PER_LINE, _NAME, _WIDTH = 3, 19, 27  # blocks beside each other; columns of a name and of a block


@dataclass(frozen=True)
class Part:
    """One scenario's callers with one label: `label` is "family=value"; `gain` over the baseline, None for it.

    asa : mean wait of the answered, seconds; calls : offered a day
    """

    name: str
    label: str
    value: Estimate
    gain: Estimate | None
    asa: float
    calls: float


def breakdown(results: Results, *, baseline: str, measure: str, level: float, families: int) -> tuple[Part, ...]:
    """Every scenario by every label value; nothing for a measure that is not taken by label.

    All gains shown hold together at `level` (Bonferroni over scenarios and values).
    """
    labels = label_names(results.tallies[baseline])
    found: list[Part] = []
    try:
        for name in sorted(results.tallies, key=lambda name: name != baseline):  # stable: the others as they are
            tally = results.tallies[name]
            for label in labels:
                over = None
                if name != baseline:
                    together = families * len(labels)
                    over = known_of(results, name, measure, over=baseline, level=level, families=together, label=label).estimate
                asa = ratio(*parts(tally, "asa", label=label)).value
                calls = ratio(*parts(tally, "offered", label=label)).value
                value = known_of(results, name, measure, level=level, label=label).estimate
                found.append(Part(name, label, value, over, asa, calls))
    except CallsimError:
        return ()
    return tuple(found)


def breakdown_lines(found: tuple[Part, ...], measure: str) -> list[str]:
    """Lines of at most 100 columns, one per scenario; label values beside each other."""
    if not found:
        return []
    reading = reads(measure)
    names = list(dict.fromkeys(part.name for part in found))
    labels = list(dict.fromkeys(part.label for part in found))[:_MOST]
    there = {(part.name, part.label): part for part in found}
    lines = [""]
    for family in dict.fromkeys(_family(label) for label in labels):
        values = [label for label in labels if _family(label) == family]
        for start in range(0, len(values), _PER_LINE):
            block = values[start : start + _PER_LINE]
            heads = [f"{label[len(family) + 1 :]} ({there[names[0], label].calls:,.0f}/day)" for label in block]
            lines.append(f"by {family}"[: _NAME - 1].ljust(_NAME) + "".join(head[-_WIDTH + 1 :].rjust(_WIDTH) for head in heads))
            for name in names:
                cells = "".join(_cell(there[name, label], measure).rjust(_WIDTH) for label in block)
                lines += [name.ljust(_NAME) + cells] if len(name) < _NAME else [name, " " * _NAME + cells]
    lines.append(f"{'':<{_NAME}}{measure} in {reading.unit if reading.unit != 'share' else '%'}, gain over baseline, ASA")
    return lines


def _family(label: str) -> str:
    return label.split("=", 1)[0]


def _cell(part: Part, measure: str) -> str:
    reading = reads(measure)
    over = "" if part.gain is None else gain(part.gain, reading)
    return f"{amount(part.value.value, reading)} {over:>12} {count(part.asa):>4} s"
