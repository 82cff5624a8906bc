"""learning: how much longer calls take an agent by the time since he was hired.

Learning curves in this place: Gans, Koole and Mandelbaum 2003, "Telephone call centers: tutorial, review, and research
prospects", M&SOM 5(2), section 6.2 (agents' service times fall as they learn); their shapes: Yelle 1979, "The learning
curve", Decision Sciences 10(2), and for the S, Carr 1946, "Peacetime cost estimating requires new learning curves".
"""

from __future__ import annotations

from sim.chance.elementary import exp
from sim.scenario.calendar import A_DAY
from sim.scenario.handling import Learning
from sim.scenario.units import value

DECAY = 3.0  # exp(-3) = 0.0498: after `lasts` 95 % of the way are done
STEEP = 10.0  # of the S: its slope in the middle is that of a logistic over ten of its units


def tenure_factor(learning: Learning, days: int) -> float:
    """Factor on talk and wrap-up so many days after the day of hire; 1 is experienced. With x = days / lasts and s = start:

    linear : s + (1 - s) x, 1 from x = 1 on; exponential : 1 + (s - 1) exp(-3 x)
    s : 1 + (s - 1) (g(x) - g(1)) / (g(0) - g(1)) with g(x) = 1 / (1 + exp(10 (x - 1/2))): s at x = 0, half way at x = 1/2,
        1 from x = 1 on
    steps : the factor of the last step that has begun, s before the first
    """
    start, x = value(learning.start), days * A_DAY / value(learning.lasts)
    if learning.curve == "steps":
        begun = [value(step.factor) for step in learning.steps if days * A_DAY >= value(step.after)]
        return begun[-1] if begun else start
    if learning.curve == "exponential":
        return 1.0 + (start - 1.0) * exp(-DECAY * x)
    if x >= 1.0:
        return 1.0
    left = 1.0 - x if learning.curve == "linear" else (_logistic(x) - _logistic(1.0)) / (_logistic(0.0) - _logistic(1.0))
    return 1.0 + (start - 1.0) * left


def _logistic(x: float) -> float:
    return 1.0 / (1.0 + exp(STEEP * (x - 0.5)))
