"""What all tests share: the Hypothesis profiles."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# No deadlines: the first call of a jitted function compiles it, and CI machines are slow and shared.
_QUIET = [HealthCheck.too_slow]
settings.register_profile("dev", deadline=None, max_examples=40, suppress_health_check=_QUIET)
settings.register_profile(
    "ci",
    deadline=None,
    max_examples=80,
    suppress_health_check=_QUIET,
    derandomize=True,
    print_blob=True,
    database=None,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))
