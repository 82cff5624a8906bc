"""Cause sets: causes taken away in every set of uncertain parameters, each from the day that the set describes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments.causes import causes
from experiments.identity import scenario_hash
from sim.chance.sets import estimated, of_set
from sim.scenario.errors import CallsimError
from sim.scenario.parameters import NOTHING, Parameters, at
from sim.scenario.paths import split
from sim.scenario.scenario import Scenario

Rows = dict[str, dict[int, Any]]  # path -> number of a set -> its value


class CauseSets:
    """A scenario, with sets of parameters or without, and its causes; `without` takes some of them away.

    there : the positions of the causes that it has, with the estimates or with its first set
    """

    def __init__(self, scenario: Scenario) -> None:
        own = scenario.parameters
        if own is not None and (scenario.teams or scenario.agents):
            raise CallsimError(
                "--parameters uncertain: explain lays the hours of counted heads in each set; agents one by one are in no set; "
                "leave it out, or compare policies with it"
            )
        self.middle = scenario if own is None else estimated(scenario)
        self.found = causes(self.middle)
        self._own = own
        numbers = [] if own is None else sorted(own.sets)
        first = [of_set(scenario, number) for number in numbers[:1]]
        self.there = sorted({place for one in (self.middle, *first) for place in _there(one)})
        self._rows: dict[int, Rows] = {place: {} for place in self.there}
        before = self.middle.table()
        changed = {place: self.found[place].without(self.middle).table() for place in self.there}
        for number in numbers:
            self._see(number, of_set(scenario, number), changed, before)

    def _see(self, number: int, scenario: Scenario, changed: dict[int, dict[str, Any]], before: dict[str, Any]) -> None:
        """What each cause, taken away from the day of a set, leaves of the set's values, where it changes them."""
        assert self._own is not None  # who asks has looked
        table, found = scenario.table(), causes(scenario)
        for place in self.there:
            less = found[place].without(scenario).table()
            for path in self._own.paths:
                left = at(less, path)
                if left != at(table, path) or at(changed[place], path) != at(before, path):
                    self._rows[place].setdefault(path, {})[number] = left

    def without(self, removed: Sequence[int]) -> Scenario:
        """The scenario without some causes, in their order; in each set they are taken away from that set's own day."""
        scenario = self.middle
        for place in sorted(removed):
            scenario = self.found[place].without(scenario)
        if self._own is None:
            return scenario
        own, columns = self._own, dict[str, list[Any]]()
        for place_, path in enumerate(own.paths):
            rows = {number: values[place_] for number, values in own.sets.items()}
            for cause in sorted(removed):
                rows |= self._rows[cause].get(path, {})
            values = [rows[number] for number in sorted(rows)]
            if not any(value is NOTHING for value in values):
                columns[path] = values
        return scenario.replace(parameters=_laid_out(columns, own))

    def with_given_heads(self, scenario: Scenario) -> Scenario:
        """A scenario whose heads were set outright: they are the same in every set, and all else is a set's."""
        if self._own is None:
            return scenario
        paths = [path for path in self._own.paths if split(path)[0] != "groups"]
        rows = {path: [values[self._own.paths.index(path)] for _, values in sorted(self._own.sets.items())] for path in paths}
        return scenario.replace(parameters=_laid_out(rows, self._own))


def _there(scenario: Scenario) -> list[int]:
    """The positions of the causes that change the scenario."""
    own = scenario_hash(scenario)
    return [place for place, cause in enumerate(causes(scenario)) if scenario_hash(cause.without(scenario)) != own]


def _laid_out(columns: dict[str, list[Any]], own: Parameters) -> Parameters:
    """Sets of these columns; one that is alike in all stays, for it need not be as the estimates have it."""
    sets = {number: tuple(row[place] for row in columns.values()) for place, number in enumerate(sorted(own.sets))}
    return Parameters(tuple(columns), own.number, sets, own.days)
