"""What the formulas accept: one sentence per impossible input, all raised together."""

import math

import numpy as np


def real(value: object) -> bool:
    """Whether the value is a number at all (True is not one)."""
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def not_number(name: str, value: float, unit: str, *, positive: bool = False) -> str:
    """Return what is wrong with a finite number that may not be negative; empty if nothing is."""
    fits = real(value) and math.isfinite(value) and (value > 0.0 if positive else value >= 0.0)
    allowed = "above 0" if positive else "of 0 or more"
    return "" if fits else f"{name}: {value!r} is not allowed; a number {allowed} ({unit})"


def not_whole(name: str, value: float) -> str:
    """Return what is wrong with a count; empty if nothing is."""
    fits = real(value) and math.isfinite(value) and value >= 0 and value == int(value)
    return "" if fits else f"{name}: {value!r} is not allowed; a whole number of 0 or more"


def bad_patience(patience: float) -> str:
    """Return what is wrong with a mean patience in seconds; empty if nothing is."""
    if real(patience) and 0.0 < patience < math.inf:
        return ""
    return (
        f"patience: {patience!r} is not allowed; a mean in seconds above 0 (for callers who never hang up use Erlang C)"
    )


def bad_interval(calls_per_hour: float, aht: float, agents: float, within: float) -> list[str]:
    """Return what is wrong with the four figures of an interval; an empty text for each that is right."""
    return [
        not_number("calls_per_hour", calls_per_hour, "calls per hour"),
        not_number("aht", aht, "seconds", positive=True),
        not_whole("agents", agents),
        not_number("within", within, "seconds"),
    ]


def allow(*problems: str) -> None:
    """Raise ValueError with all problems that are not empty, one to a line."""
    found = [problem for problem in problems if problem]
    if found:
        raise ValueError("\n".join(found))
