"""Calibrate with a roster: read once for each story, agents known again also where the record has pseudonyms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sim.scenario.errors import CallsimError, ScenarioError

if TYPE_CHECKING:
    from sim.calibrate import Calibration
    from sim.files.history import History
    from sim.files.report import Report
    from sim.files.rosters import Staff
    from sim.files.sessions import Sessions


def with_rosters(
    found: list[Calibration],
    recorded: History | Report,
    given: Mapping[str, str],
    *,
    sessions: Sessions | None,
    own_agents: tuple[str, ...],
    id_key: Path | None,
    for_day: bool,
) -> list[Calibration]:
    """Every story with the people of the roster `given` as a scenario's `roster`; one on whose days it has nobody keeps its
    heads, which is said. Raises CallsimError where it has nobody on the days of any, ScenarioError for what is wrong in the file.
    """
    from sim.calibrate.logged_on import with_sessions
    from sim.calibrate.rostered import with_roster
    from sim.files.rosters import read_staff

    def staff(kinds: tuple[str, ...], groups: tuple[str, ...], named: bool) -> Staff:
        return read_staff(given, call_types=kinds, groups=groups, named=named)

    known_as = _known_as(recorded, sessions, id_key)
    made: list[Calibration] = []
    without: list[CallsimError] = []
    for one in found:
        try:
            made.append(
                with_roster(
                    one, recorded, staff, sessions=sessions, own_agents=own_agents, known_as=known_as, for_day=for_day
                )
            )
        except ScenarioError:
            raise
        except CallsimError as error:
            without.append(error)
            logged = one if sessions is None else with_sessions(one, sessions)
            made.append(replace(logged, notes=(*logged.notes, f"{error}: heads stay as they were measured")))
    if len(without) == len(found):
        raise without[0]
    return made


def _known_as(recorded: History | Report, sessions: Sessions | None, id_key: Path | None) -> Callable[[str], str]:
    """An agent's name as the record has it: the hash that `callsim import` made of it, if it has hashes and the key is there."""
    from sim.files.history import History
    from sim.files.importers.pseudonyms import Pseudonyms, is_pseudonym, key_home, key_of

    names = [*(recorded.agents if isinstance(recorded, History) else ())]
    names += [one.agent for one in sessions.sessions] if sessions is not None else []
    if not any(is_pseudonym(name) for name in names) or (id_key is None and not key_home().exists()):
        return str
    return Pseudonyms(key_of(id_key)).agent
