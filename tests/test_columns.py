"""Drawing many callers at once gives, bit for bit, what drawing each by himself gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.chance import draw
from sim.chance.columns import CHUNK, fresh_uniforms, law_column
from sim.chance.draws import caller_values, label_uniform, label_value
from sim.chance.elementary import nearest
from sim.chance.laws import scenario_laws, with_talks
from sim.chance.philox import CALLER, block, fresh_key
from sim.chance.quantiles import (
    DETERMINISTIC,
    EXPONENTIAL,
    LOGNORMAL,
    NEVER,
    TABLE,
    UNIFORM,
    WEIBULL,
    law_ticks,
    make_table,
    pack,
)
from sim.chance.scaling import scaled
from sim.files import load

LAWS = {
    "never": (NEVER, (), None),
    "always the same": (DETERMINISTIC, (12.3456785,), None),
    "exponential": (EXPONENTIAL, (240.0,), None),
    "exponential of a century, too long for the fast way": (EXPONENTIAL, (3e9,), None),
    "lognormal": (LOGNORMAL, (5.0, 0.8), None),
    "lognormal too wide for the fast way": (LOGNORMAL, (5.0, 9.0), None),
    "weibull": (WEIBULL, (100.0, 1.7), None),
    "uniform": (UNIFORM, (3.0, 90.0), None),
    "a table": (TABLE, (), make_table(lambda u: 200.0 * np.sqrt(u))),
}
words = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=40)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("factor", [65_536, 40_000])
@given(drawn=words)
def test_a_column_of_a_law(law: str, factor: int, drawn: list[int]) -> None:
    drawn = [0, 2**32 - 1, 2**31, *drawn]  # both tails and the middle
    laws, u, out = pack([LAWS[law]]), np.zeros(CHUNK), np.zeros(CHUNK, np.int64)
    u[: len(drawn)] = (np.array(drawn) + 0.5) / 2**32
    law_column(laws, 0, factor, u, len(drawn), out)
    alone = [scaled(law_ticks(laws, 0, float(one), 1.0), factor) for one in u[: len(drawn)]]
    assert out[: len(drawn)].tolist() == alone


@given(st.floats(-(2.0**50), 2.0**50) | st.integers(-(2**40), 2**40).map(lambda n: n + 0.5))
def test_the_nearest_integer_is_half_to_even(x: float) -> None:
    assert nearest(x) == round(x)


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**24 - 1), st.integers(0, 2**16 - 1), st.integers(0, 2**24 - CHUNK))
def test_uniforms_of_neighbors(seed: int, stream: int, interval: int, first: int) -> None:
    out = np.zeros((4, CHUNK))
    parts = np.uint64(seed), np.uint64(3)
    fresh_uniforms(*parts, np.uint64(stream), interval, first, CALLER, 5, out)
    for j in range(5):
        key = fresh_key(np.uint64(stream), np.uint64(interval), np.uint64(first + j))
        assert tuple(out[:, j]) == block(*parts, np.uint64(key), CALLER, np.uint64(0))


@pytest.mark.parametrize("lasting", [False, True])
@pytest.mark.parametrize("story", ["golden-club", "outage-surge"])
def test_every_caller_of_a_story_is_drawn_as_a_later_call_would_be(story: str, lasting: bool) -> None:
    """Later calls are drawn one by one while the day runs, by `caller_values`."""
    scenario = load(story, policies=["announcement"] if story == "outage-surge" else [])
    scenario = scenario.with_({"surges.network fault.calls.faults": 300}) if story == "outage-surge" else scenario
    if lasting:
        for kind in scenario.call_types:
            scenario = scenario.with_({f"call_types.{kind.name}.talk_factor": [{"times": 1.7, "from": "10:00", "to": "11:15"}],
                                       f"call_types.{kind.name}.talk_swing": {"cv": 0.2, "part": "1h"}})  # fmt: skip
    tape = draw(scenario, seed=4, replication=2)
    s = with_talks(scenario_laws(scenario), tape.talks)
    assert (s.coming.talks.size > 0) == lasting
    parts = np.uint64(4), np.uint64(2)
    assert len(tape) > CHUNK
    for i in range(0, len(tape), 7):
        key, kind, factor = tape.key[i], int(tape.call_type[i]), s.factors[tape.surge[i]].tolist()
        alone = caller_values(s.coming, *parts, key, key, kind, int(tape.arrival[i]), *factor, tape.label[i])
        assert tuple(getattr(tape, name)[i] for name in ("ivr", "fate", "via", "balks", "talk", "wrap", "patience")) == alone
        for f, family in enumerate(s.families):
            place = label_value(label_uniform(*parts, key, family), s.shares[kind, f])
            assert tape.label[i, f] == (s.codes[kind, f, place] if place >= 0 else -1)
