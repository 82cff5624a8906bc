"""Writing: a file whole or not at all, and a Scenario as the TOML of a scenario file."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from sim.scenario.errors import CallsimError, CannotFinishError
from sim.scenario.scenario import Scenario
from sim.scenario.units import show_duration

_DURATIONS = {
    "mean", "means", "values", "after", "tail", "head_start", "waited", "interval", "part",
    "lasts", "rise", "hold", "fall", "half_life", "peak", "uniform", "deterministic",
}  # fmt: skip
_ARRAYS = (
    "call_types", "groups", "surges", "factors", "targets", "special_days", "shifts", "activities", "teams", "agents",
    "overtime",
)  # fmt: skip
_PER_LINE = 14  # numbers on a line: a day of 28 half-hours is two lines
_INLINE = 8  # a list of more numbers is laid out over lines


def write_whole(path: str | Path, content: str | bytes, *, mode: int | None = None) -> None:
    """Writes a file so that it is there whole or as it was before; text in UTF-8; `mode` as chmod takes it.

    Raises CannotFinishError naming the place when the disk is full or the file may not be written.
    """
    with whole(path, mode=mode) as out:
        out.write(content.encode("utf-8") if isinstance(content, str) else content)


@contextlib.contextmanager
def whole(path: str | Path, *, mode: int | None = None) -> Iterator[BinaryIO]:
    """A file to write piece by piece, which is there whole once all is written, else as it was; raises as `write_whole`."""
    path = Path(path)
    temporary = ""
    try:
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
            with os.fdopen(handle, "wb") as out:
                yield out
                out.flush()
                os.fsync(out.fileno())
            if mode is None:
                mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
            Path(temporary).chmod(mode)
            Path(temporary).replace(path)
    finally:
        if temporary:
            with contextlib.suppress(OSError):  # it is gone where all went well
                Path(temporary).unlink()


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns what the system says of a file or folder that cannot be written into CannotFinishError."""
    try:
        yield
    except OSError as error:
        raise CannotFinishError(f"{path}: {_why(error, path)}") from None


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _why(error: OSError, path: Path) -> str:
    if path.is_dir():
        return "cannot be written: it is a folder"
    if isinstance(error, PermissionError):
        return "may not be written; if it is open in Excel, close it there"
    if error.errno == errno.EROFS:
        return "may not be written: the disk is read-only"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "cannot be written: the disk is full"
    return f"cannot be written ({error.strerror})"


def dump_scenario(scenario: Scenario, *, replay: str = "", parameters: str = "") -> str:
    """The scenario as a scenario file that loads to an equal one, durations as ``"4m30s"``.

    `parameters` names the file of its sets, beside the file; without it they are left out. `replay` names the log that holds
    recorded calls, beside the file; without it CallsimError is raised for them, which no scenario file can hold.
    """
    recorded = any(kind.arrivals.replay is not None for kind in scenario.call_types)
    if recorded and not replay:
        raise CallsimError("recorded calls cannot be written into a scenario file; name the log: replay = ...")
    table = scenario.table()
    table.pop("parameters", None)
    if parameters:
        table = {key: table.pop(key) for key in ("name", "description") if key in table} | {"parameters": parameters} | table
    for kind in table["call_types"]:
        if "replay" in kind["arrivals"]:
            kind["arrivals"] = {"replay": replay}
    return dump_tables(table)


def dump_tables(table: dict[str, Any]) -> str:
    """The tables of a scenario or a policy as TOML, durations as ``"4m30s"``."""
    import tomlkit
    from tomlkit.items import AoT

    document = tomlkit.document()
    for key, value in table.items():
        if key in _ARRAYS:
            entries = AoT([])
            for entry in value:
                entries.append(_section(entry))
            document.append(key, entries)
        elif isinstance(value, dict):
            document.append(key, _section(value))
        else:
            document.add(key, value)
    return tomlkit.dumps(document)


def _section(values: dict[str, Any]) -> Any:
    import tomlkit

    table = tomlkit.table()
    for key, value in values.items():
        table.add(key, _item(value, duration=key in _DURATIONS))
    return table


def _item(value: Any, *, duration: bool) -> Any:
    import tomlkit

    if isinstance(value, dict):
        inline = tomlkit.inline_table()
        for key, part in value.items():
            inline.append(
                key, _item(part, duration=key in _DURATIONS or (duration and key in ("low", "likely", "high", "value")))
            )
        return inline
    if isinstance(value, list | tuple):
        items = [_item(part, duration=duration) for part in value]
        array = tomlkit.array()
        if len(items) <= _INLINE:
            array.extend(items)
            return array
        for at in range(0, len(items), _PER_LINE):
            array.add_line(*items[at : at + _PER_LINE], indent="  ")
        array.add_line(indent="")
        return array
    if isinstance(value, bool | str | date | int):
        return value
    if duration and _exact(value):
        return show_duration(value)
    return int(value) if value == int(value) and abs(value) < 1e15 else value


def _exact(seconds: float) -> bool:
    """Whether the duration survives being written with six decimals."""
    from sim.scenario.units import parse_duration

    return parse_duration(show_duration(seconds)) == seconds
