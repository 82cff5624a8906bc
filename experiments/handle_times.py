"""Handle times: what those of call types come to in the mean, with the agents who are to take them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.chance.composed import Composed, composed, mean_tiredness
from sim.chance.handling import agent_row, row_of_counted
from sim.scenario.roster import individuals
from sim.scenario.rota import ON_PHONES, rota
from sim.scenario.scenario import Scenario
from sim.scenario.units import TICKS_PER_SECOND

Floats = npt.NDArray[np.float64]


def handle_times(scenario: Scenario, counted: dict[str, float]) -> list[Composed]:
    """By call type, averaged over those who may take it, by their planned time on the phones: all days together, so who is
    there when does not matter; how new they are does, day by day, and how tired in the mean of their shifts.

    counted : head-hours on the phones that are only counted, by group
    """
    people = individuals(scenario)
    phones, tired = np.zeros(len(people)), np.zeros(len(people))
    for planned in rota(scenario, people) if people else ():
        for part in planned.parts:
            if part.does == ON_PHONES:
                spell = (part.until - part.since) / TICKS_PER_SECOND
                phones[planned.person] += spell / 3600.0
                slower = 1.0 if scenario.fatigue is None else mean_tiredness(scenario.fatigue, spell)
                tired[planned.person] += spell / 3600.0 * slower
    tired = np.divide(tired, phones, out=np.ones_like(tired), where=phones > 0)
    rows = [tuple(agent_row(scenario, one)) for one in people]
    found = []
    for kind in scenario.call_types:
        hours: dict[tuple[tuple[int, ...] | None, float], float] = {}  # None: of whom nothing is said
        for one, row, weight, factor in zip(people, rows, phones.tolist(), tired.tolist(), strict=True):
            if kind.name in dict(one.skills) and (kind.groups is None or one.group in kind.groups):
                alike = row, round(factor, 6)
                hours[alike] = hours.get(alike, 0.0) + weight
        alone: dict[tuple[tuple[int, ...] | None, float], float] = {}
        for group in scenario.takers(kind):
            row_of = None if group.proficiency is None else tuple(row_of_counted(scenario, group))
            alone[row_of, 1.0] = alone.get((row_of, 1.0), 0.0) + counted[group.name]
        if not sum(hours.values()) > 0 and not sum(alone.values()) > 0:
            alone = {(None, 1.0): 1e-9}
        for one_row, weight in alone.items():
            hours[one_row] = hours.get(one_row, 0.0) + weight
        parts = [
            (weight, composed(scenario, kind, None if row is None else list(row), factor))
            for (row, factor), weight in hours.items()
            if weight > 0
        ]
        whole = sum(weight for weight, _ in parts)
        means = [sum(weight / whole * part[i] for weight, part in parts) for i in range(len(Composed._fields))]
        found.append(Composed(*(np.asarray(one, np.float64) for one in means)))
    return found
