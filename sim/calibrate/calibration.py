"""Calibration: a scenario made from data, with what was used, what was left out and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calibrate.level import Level
from sim.scenario.parameters import Measured
from sim.scenario.scenario import Scenario

if TYPE_CHECKING:
    from sim.calibrate.forms import Form
    from sim.calibrate.rostered import Rostered
    from sim.calibrate.talks import Talk
    from sim.calibrate.trial import Trial


class SetAside(NamedTuple):
    """A day that was not used, and why."""

    day: date
    calls: int
    why: str


class Grown(NamedTuple):
    """The factor on calls until a day to come, what it rests on, in words, and the factor in each set; None: the same."""

    factor: float = 1.0
    said: str = ""
    sets: npt.NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Calibration:
    """One scenario, for the weekdays that are alike.

    name : for a file, such as "sunday-thursday"; days : how many were used; set_aside : those that were not
    notes : what was taken for granted, for people; used : the days themselves
    parameters : the sets of all estimates, None where none were made
    intervals : estimate (see `figures`) -> the ends of its 95 % interval
    talk : how talk depends on hour and day, and how that was chosen; None where nothing was measured
    forms : call type -> which form its law of talk has, where it was chosen on days held back
    trials : group -> what the rule that inferred its heads finds on simulated days (`sim.calibrate.trial`); {} without
    drawn : how often each set has each of the days `used`, int64, shape (sets, days); None without sets
    rostered : a roster beside who was there (`sim.calibrate.rostered`); None without
    level : how alike days are to those before them, None where they are not beyond chance
    grown : of the scenario of a day to come, by what the calls measured were multiplied; None: they are as measured
    """

    name: str
    scenario: Scenario
    days: int
    set_aside: tuple[SetAside, ...] = ()
    notes: tuple[str, ...] = ()
    used: tuple[date, ...] = ()
    parameters: Measured | None = None
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    talk: Talk | None = field(default=None, repr=False, compare=False)
    forms: Mapping[str, Form] = field(default_factory=dict, compare=False)
    trials: Mapping[str, Trial] = field(default_factory=dict)
    drawn: npt.NDArray[np.int64] | None = field(default=None, compare=False)
    rostered: Rostered | None = None
    level: Level | None = None
    grown: Grown | None = None


class Sources:
    """Where each input comes from, collected on the way; becomes `Scenario.sources`."""

    def __init__(self) -> None:
        self.table: dict[str, dict[str, str]] = {}

    def measured(self, path: str, note: str) -> None:
        """An input taken from the data."""
        self.table[path] = {"status": "measured", "note": note}

    def given(self, path: str, note: str) -> None:
        """An input somebody stated."""
        self.table[path] = {"status": "given", "note": note}

    def assumed(self, path: str, note: str) -> None:
        """An input nobody knows."""
        self.table[path] = {"status": "assumed", "note": note}


Table = dict[str, Any]
