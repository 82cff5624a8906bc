"""Usual days: how many days are simulated where nobody says it."""

from __future__ import annotations

DAYS = 100
UNCERTAIN_DAYS = 400  # each of 200 sets twice, from which on data error is told from what a set does on one day only


def usual_days(parameters: str) -> int:
    """By how the inputs are taken: "fixed" or "uncertain"."""
    return UNCERTAIN_DAYS if parameters == "uncertain" else DAYS
