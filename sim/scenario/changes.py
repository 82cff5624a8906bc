"""Changes of what is there: ``{ times = 1.1 }`` or ``{ plus = 20, from = "14:30", to = "17:00" }`` laid over a value."""

from __future__ import annotations

from itertools import product
from typing import Any

from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.paths import FILE_KEYS, Path, join
from sim.scenario.series import CHANGE_KEYS
from sim.scenario.units import parse_clock, parse_duration, show_clock

SOURCES = ("per_interval", "per_hour", "per_day", "fixed", "replay", "file")
RANGE_KEYS = {"low", "likely", "high"}
Table = dict[str, Any]


def is_change(value: Any) -> bool:
    """Whether a value is a change: a table with nothing but times, plus, from, to and overtime."""
    return isinstance(value, dict) and bool(value) and value.keys() <= CHANGE_KEYS


def is_range(value: Any) -> bool:
    """Whether a value is ``{ low, likely, high }``."""
    return isinstance(value, dict) and {"low", "high"} <= value.keys() <= RANGE_KEYS


def series_table(value: Any) -> tuple[Table, list[Table]]:
    """A series as its table and the changes that stand beside it: numbers and lists become ``per_interval``."""
    if isinstance(value, list | tuple) and value and all(is_change(one) for one in value):
        return {}, [dict(one) for one in value]
    if not isinstance(value, dict) or is_range(value):
        return {"per_interval": value}, []
    rest = {key: part for key, part in value.items() if key not in CHANGE_KEYS}
    change = {key: part for key, part in value.items() if key in CHANGE_KEYS}
    return rest, [change] if change else []


def change_series(base: Any, value: Any, path: Path) -> Table:
    """A series with `value` laid over it. A new source of numbers takes the place of the old one and its changes.

    Raises ScenarioError for a change over nothing.
    """
    table, mine = series_table(base) if base is not None else ({}, [])
    if mine:
        table = table | {"changes": [*table.get("changes", ()), *mine]}
    rest, changes = series_table(value)
    inner = {key: part for key, part in rest.items() if is_change(part)}  # per_interval = { times = 2 }
    rest = {key: part for key, part in rest.items() if key not in inner}
    if any(key in rest for key in SOURCES):
        stale = {*SOURCES, "profile", "changes"} | (FILE_KEYS if "file" not in rest else set())
        if rest.keys() & set(SOURCES) == {"per_day"} and "per_day" in table:
            stale -= {"profile", "changes"}  # another total, laid out as before
        table = {key: part for key, part in table.items() if key not in stale}
    table = table | rest
    table = table | {key: change_value(table.get(key), part, (*path, key)) for key, part in inner.items()}
    if not changes:
        return table
    if not any(key in table for key in SOURCES) and path[0] != "special_days":  # there the everyday numbers are changed
        of_talk = path[-1] == "talk_factor"
        if not of_talk and (path[0] != "ivr" or any("plus" not in one for one in changes)):
            raise ScenarioError([Problem(join(path), "nothing there to change", hint="give the numbers first")])
        table = {"per_interval": 1.0 if of_talk else 0.0} | table  # a share that is not given is 0, a factor 1
    before: Any = table.get("changes", ())
    return table | {"changes": [*before, *changes]}


def keeping_talk(before: Table, after: Table) -> Table:
    """What became of a scenario's table, and, where that changed an IVR that contains easy or hard matters first, the IVR
    under which its talk was measured.
    """
    old, new = before.get("ivr") or {}, after.get("ivr") or {}
    if old == new or "talk_under" in new or not (_selective(old) or _selective(new)):
        return after
    return after | {"ivr": new | {"talk_under": old}}


def _selective(ivr: Table) -> bool:
    entries = [entry for key in ("menu", "deflections") for entry in ivr.get(key, ())]
    return any(isinstance(one, dict) and one.get("easier") is not None for one in (ivr, *entries))


def change_value(base: Any, change: Table, path: Path) -> Any:
    """A plain value with a change computed at once: a number, duration, clock time, range or list (each part).

    Raises ScenarioError when there is nothing to change or the change has a window.
    """

    def wrong(message: str, hint: str = "") -> ScenarioError:
        return ScenarioError([Problem(join(path), message, hint=hint)])

    if base is None:
        raise wrong("nothing there to change", "give the value itself")
    if "from" in change or "to" in change:
        raise wrong("from and to go with arrivals, agents and the shares of the IVR only")
    if ("times" in change) == ("plus" in change):
        raise wrong("a change must have either times or plus")
    if is_range(base):
        return {key: _computed(part, change, wrong) for key, part in base.items() if part is not None}
    if isinstance(base, list | tuple):
        return [change_value(part, change, (*path, str(i))) for i, part in enumerate(base)]
    return _computed(base, change, wrong)


def _computed(base: Any, change: Table, wrong: Any) -> Any:
    clock = parse_clock(base) if isinstance(base, str) else None
    number = parse_duration(base) if isinstance(base, str) and clock is None else base if clock is None else clock
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise wrong("only a number, a duration or a list of them can be changed by times or plus")
    if "times" in change:
        by = change["times"]
        if not _number(by):
            raise wrong("times must be a number")
        result = number * by
    else:
        by = _seconds(change["plus"])
        if by is None:
            raise wrong('plus must be a number or a duration such as "30s"')
        result = number + by
    if clock is not None:
        return show_clock(result)
    # a whole number stays one: 120 lines times 1.1 are 132
    whole = isinstance(number, int) and abs(result - round(result)) < 1e-9
    return round(result) if whole else result


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _seconds(value: Any) -> float | None:
    if isinstance(value, str):
        seconds = parse_duration(value.removeprefix("-"))
        return seconds if seconds is None or not value.startswith("-") else -seconds
    return value if _number(value) else None


def order_cannot_matter(one: list[Table], other: list[Table]) -> bool:
    """Whether two lists of changes of one value give the same in either order."""
    return all(_commute(a, b) for a, b in product(one, other))


def _commute(a: Table, b: Table) -> bool:
    if ("plus" in a and "plus" in b) or ("times" in a and "times" in b):
        return True
    return _clock(a, "to", 1e9) <= _clock(b, "from", 0.0) or _clock(b, "to", 1e9) <= _clock(a, "from", 0.0)


def _clock(change: Table, key: str, otherwise: float) -> float:
    value = change.get(key)
    seconds = parse_clock(value) if isinstance(value, str) else None
    return otherwise if seconds is None else seconds
