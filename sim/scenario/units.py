"""Units: ticks, durations, clock times, shares, and numbers that may be uncertain.

Outside the engines a duration is a float in seconds and a clock time a float in seconds since midnight of the
scenario's first day; a scenario file may write both as strings (``"4m30s"``, ``"14:10"``). Inside the engines
time is int64 *ticks* (microseconds), rounded once by :func:`ticks`.
"""

from __future__ import annotations

import math
import re
from datetime import time
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from sim.scenario.range import Range

TICKS_PER_SECOND = 1_000_000
DAY = 86_400 * TICKS_PER_SECOND
NEVER = 1 << 60  # ticks: later than any horizon, and still safe to add to a clock

_DURATION = re.compile(
    r"(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?"
)
_SECONDS = (86_400.0, 3_600.0, 60.0, 1.0, 0.001)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")


def ticks(seconds: float) -> int:
    """Seconds as ticks (int), rounded half to even; the only rounding on the way in."""
    return round(seconds * TICKS_PER_SECOND)


def parse_duration(text: str) -> float | None:
    """Seconds of a duration such as ``"4m30s"``, ``"1.5h"``, ``"250ms"``; None when it is not one."""
    match = _DURATION.fullmatch(text.strip().replace(" ", ""))
    if match is None or not any(match.groups()):
        return None
    total = sum(float(part) * unit for part, unit in zip(match.groups(), _SECONDS, strict=True) if part)
    return round(total, 6)  # a tick; "1m59.77s" is 119.77 and not 119.77000000000001


def parse_clock(text: str) -> float | None:
    """Seconds since midnight of a clock time ``"8:30"`` to ``"48:00"``; None when it is not one."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    total = hours * 3600.0 + minutes * 60.0 + seconds
    return total if minutes < 60 and seconds < 60 and total <= 48 * 3600 else None


def show_clock(seconds: float) -> str:
    """A clock time as ``"08:30"`` (with seconds where they are not zero)."""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours:02d}:{minutes:02d}" + (f":{left:02d}" if left else "")


def show_duration(seconds: float) -> str:
    """A duration in the form scenario files use: ``"4m30s"``."""
    if seconds == 0:
        return "0s"
    text = ""
    whole, fraction = divmod(seconds, 60)
    hours, minutes = divmod(int(whole), 60)
    if hours:
        text += f"{hours}h"
    if minutes:
        text += f"{minutes}m"
    if fraction:
        text += f"{fraction:.6f}".rstrip("0").rstrip(".") + "s"
    return text


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _finite(value: Any, allowed: str, low: float, high: float) -> float:
    if not _is_number(value):
        raise PydanticCustomError("number", "must be {allowed}", {"allowed": allowed})
    if not math.isfinite(value) or not low <= value <= high:
        raise PydanticCustomError("number", "must be {allowed}", {"allowed": allowed})
    return float(value)


def _maybe_range(value: Any, parse: Any) -> Any:
    if isinstance(value, Range):
        return value
    if isinstance(value, dict):
        return Range.parse(value, parse)
    return parse(value)


def number_from(value: Any) -> float:
    """A finite number not below 0; raises PydanticCustomError."""
    return _finite(value, "a number not below 0", 0.0, math.inf)


def signed_from(value: Any) -> float:
    """A finite number of either sign; raises PydanticCustomError."""
    return _finite(value, "a number", -math.inf, math.inf)


def share_from(value: Any) -> float:
    """A share from 0 to 1; raises PydanticCustomError (with a hint when percent was meant)."""
    if _is_number(value) and 1 < value <= 100:
        raise PydanticCustomError("share", "must be from 0 to 1; did you mean {guess}?", {"guess": f"{value / 100:g}"})
    return _finite(value, "a share from 0 to 1", 0.0, 1.0)


def correlation_from(value: Any) -> float:
    """A correlation from 0 to below 1; raises PydanticCustomError."""
    return _finite(value, "a number from 0 to below 1", 0.0, math.nextafter(1.0, 0.0))


def duration_from(value: Any) -> float:
    """Seconds of a number or of ``"4m30s"``; raises PydanticCustomError."""
    if isinstance(value, str):
        seconds = parse_duration(value)
        if seconds is None:
            clockish = ' ("4:30" could be minutes or hours)' if parse_clock(value) is not None else ""
            raise PydanticCustomError(
                "duration", 'must be a duration such as "4m30s" or a number of seconds{why}', {"why": clockish}
            )
        return seconds
    return _finite(value, 'a duration such as "4m30s" or seconds not below 0', 0.0, 1e10)


def clock_from(value: Any) -> float:
    """Seconds since midnight of ``"08:30"`` or of a TOML time; raises PydanticCustomError."""
    if isinstance(value, time):
        return value.hour * 3600.0 + value.minute * 60.0 + value.second
    if isinstance(value, str):
        seconds = parse_clock(value)
        if seconds is None:
            raise PydanticCustomError("clock", 'must be a time of day from "00:00" to "48:00"', {})
        return seconds
    if isinstance(value, float):  # a Clock as a record holds it
        return _finite(value, 'a time of day from "00:00" to "48:00"', 0.0, 48 * 3600.0)
    raise PydanticCustomError("clock", 'must be a time of day in quotes, from "00:00" to "48:00"', {})


def _clock(value: Any, info: ValidationInfo) -> float:
    if info.context == {"clocks": "seconds"} and _is_number(value):  # see Record.replace
        return _finite(value, "a time of day from 0 to 172800 seconds", 0.0, 48 * 3600.0)
    return clock_from(value)


def _plain_clock(seconds: float) -> str | float:
    return show_clock(seconds) if seconds == round(seconds) else seconds


def _or_range(parse: Any) -> BeforeValidator:
    return BeforeValidator(lambda value: _maybe_range(value, parse))


def _schema(kind: Any) -> WithJsonSchema:
    parts = {name: kind for name in ("low", "likely", "high")}
    table = {"type": "object", "properties": parts, "required": ["low", "high"], "additionalProperties": False}
    return WithJsonSchema({"anyOf": [kind, table]})


_NUMBER = {"type": "number", "minimum": 0}
_SIGNED = {"type": "number"}
_SHARE = {"type": "number", "minimum": 0, "maximum": 1}
_CORRELATION = {"type": "number", "minimum": 0, "exclusiveMaximum": 1}
_DURATION_SCHEMA = {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "examples": ["4m30s"]}]}
_CLOCK_SCHEMA = {"type": "string", "pattern": r"^\d{1,2}:\d{2}(:\d{2})?$", "examples": ["08:30"]}

Number = Annotated[float | Range, _or_range(number_from), _schema(_NUMBER)]
Signed = Annotated[float | Range, _or_range(signed_from), _schema(_SIGNED)]
Share = Annotated[float | Range, _or_range(share_from), _schema(_SHARE)]
Correlation = Annotated[float | Range, _or_range(correlation_from), _schema(_CORRELATION)]
Duration = Annotated[float | Range, _or_range(duration_from), _schema(_DURATION_SCHEMA)]
FixedDuration = Annotated[float, BeforeValidator(duration_from), WithJsonSchema(_DURATION_SCHEMA)]
Clock = Annotated[
    float,
    BeforeValidator(_clock),
    PlainSerializer(_plain_clock),
    WithJsonSchema(_CLOCK_SCHEMA),
]


def value(number: float | Range) -> float:
    """The plain number; raises ValueError for a range that nobody has resolved yet."""
    if isinstance(number, Range):
        raise ValueError(
            f"a range ({number.show()}) where a number is needed: call resolve(scenario, seed=..., replication=...) first"
        )
    return number
