"""Figures say what they were given: prepare is checked value by value, draw renders without a warning."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from experiments.dispersion import Spread
from plots import answer_rate, dispersion, forest, heads, skill_matrix, staffing, style, survival, tornado, waterfall

STARTS = 8 * 3600 + 1800 * np.arange(28)


def a_day() -> answer_rate.AnswerRateByInterval:
    offered = 300 + 100 * np.sin(np.arange(28) / 28 * np.pi)
    dip = np.exp(-(((np.arange(28) - 13.5) / 2) ** 2))
    rates = {
        "as planned": (0.95 - 0.45 * dip, 0.9 - 0.55 * dip, 0.99 - 0.3 * dip),
        "announcement": (0.95 - 0.35 * dip, 0.9 - 0.45 * dip, 0.99 - 0.2 * dip),
        "overtime": (0.95 - 0.25 * dip, 0.9 - 0.35 * dip, 0.99 - 0.1 * dip),
        "both": (0.95 - 0.15 * dip, 0.9 - 0.25 * dip, 0.99 - 0.05 * dip),
    }
    return answer_rate.prepare(STARTS, interval=1800.0, offered=offered, rates=rates, target=0.85)


def a_forest() -> forest.Forest:
    rows = [
        forest.Row("outage announcement in the IVR", 0.024, 0.021, 0.027, "better"),
        forest.Row("20 agents 14:30 to 17:00", 0.041, 0.037, 0.045, "better"),
        forest.Row("fewer trunks", -0.012, -0.016, -0.008, "worse"),
        forest.Row("another greeting", 0.001, -0.002, 0.004, "equal"),
        forest.Row("later break", 0.006, -0.004, 0.016, "undecided"),
    ]
    return forest.prepare(rows, baseline="as planned", simulated="100 simulated days")


def a_survival() -> survival.Survival:
    edges = np.geomspace(1, 1200, 128)
    counts = {
        name: np.diff(np.concatenate([[0.0], 1 - 0.6 * np.exp(-edges[:-1] / mean), [1.0]])) * 1e5
        for name, mean in (("as planned", 60), ("overtime", 25))
    }
    return survival.prepare(edges, {name: np.round(c) for name, c in counts.items()}, within=20.0)


def a_dispersion() -> dispersion.Dispersion:
    known = np.array([[8.2, 2.2, 15.0], [3.0, 1.3, 4.8]])
    found = Spread((1800.0, 300.0, 3600.0), 0.95, known, known * 0.8, known * 1.3, known * 1.1, known * 0.9, known * 1.2)
    return dispersion.prepare(found)


def a_staffing() -> staffing.Staffing:
    found = 40 + 10 * np.sin(np.arange(28) / 28 * np.pi)
    lines = [("by plan.csv", np.full(28, 50)), ("there, inferred from who answered when", found)]
    return staffing.prepare(STARTS, interval=1800.0, lines=lines, band=(found - 8, found + 12))


def a_floor() -> heads.HeadsAgainstLoad:
    load = 40 + 25 * np.sin(np.arange(28) / 28 * np.pi)
    return heads.prepare(
        STARTS, interval=1800.0, heads={"hotline": np.full(28, 45), "experts": np.full(28, 10)},
        load=load, needed=load + 5,
    )  # fmt: skip


STEPS = [("surges", 0.06, 0.05, 0.07), ("lines", -0.01, -0.02, 0.0), ("hours", 0.03, 0.02, 0.04)]


def a_waterfall() -> waterfall.Waterfall:
    return waterfall.prepare(STEPS, today=0.82, target=0.9, simulated="100 simulated days")


def a_tornado() -> tornado.Tornado:
    bars = [
        tornado.Bar("groups.hotline.agents.plus", -0.056, 0.038, "-5", "5", -0.06, 0.041),
        tornado.Bar("call_types.*.patience.exponential.mean", 0.0, 0.005, "as it is", "3m", -0.001, 0.006),
    ]
    return tornado.prepare(bars, simulated="100 simulated days")


def a_skill_matrix() -> skill_matrix.SkillMatrix:
    rows = [("hotline", 25.0), ("Ann", 1.0), ("seats", 6.0)]
    one, later = skill_matrix.Cell(1, 1), skill_matrix.Cell(5, 2, partly=True)
    cells = [[one, one], [one, None], [None, later]]
    return skill_matrix.prepare(rows, ["billing", "orders"], cells, title="who can do what")


FIGURES: dict[str, tuple[Callable[[], Any], Callable[..., None]]] = {
    "answer_rate": (a_day, answer_rate.draw),
    "forest": (a_forest, forest.draw),
    "survival": (a_survival, survival.draw),
    "dispersion": (a_dispersion, dispersion.draw),
    "heads": (a_floor, heads.draw),
    "staffing": (a_staffing, staffing.draw),
    "waterfall": (a_waterfall, waterfall.draw),
    "tornado": (a_tornado, tornado.draw),
    "skill_matrix": (a_skill_matrix, skill_matrix.draw),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_renders_to_png_without_a_warning(name: str) -> None:
    prepare, draw = FIGURES[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure, ax = style.figure(9, 4.5)
        draw(prepare(), ax)
        out = io.BytesIO()
        figure.savefig(out, format="png")
    png = out.getvalue()
    assert png.startswith(b"\x89PNG")
    assert struct.unpack(">II", png[16:24]) == (1350, 675)


def test_lines_show_the_rates_and_bars_the_offered_calls() -> None:
    prepared = a_day()
    _, ax = style.figure()
    answer_rate.draw(prepared, ax)
    lines = {line.get_label(): line for line in ax.get_lines()}
    for band in prepared.bands:
        np.testing.assert_array_equal(lines[band.name].get_ydata(), band.rate)
    bars = [bar.get_height() for bar in ax.figure.axes[1].patches]
    np.testing.assert_array_equal(bars, prepared.offered)


def test_every_policy_has_a_color_and_a_line_style_of_its_own() -> None:
    _, ax = style.figure()
    answer_rate.draw(a_day(), ax)
    looks = [(line.get_color(), str(line.get_linestyle())) for line in ax.get_lines()]
    assert len({look[0] for look in looks}) >= 4
    assert len(looks) == len(set(looks))


def test_the_axis_of_rates_leaves_out_only_what_no_band_reaches() -> None:
    prepared = a_day()
    assert prepared.bottom <= min(band.low.min() for band in prepared.bands)
    assert answer_rate.prepare(
        [0.0], interval=1800, offered=[5], rates={"a": ([0.1], [0.02], [0.3])}
    ).bottom == 0.0  # fmt: skip


def test_intervals_without_calls_leave_a_gap() -> None:
    gap = [0.9, float("nan"), 0.8]
    prepared = answer_rate.prepare([0, 1800, 3600], interval=1800, offered=[9, 0, 7], rates={"a": (gap, gap, gap)})
    _, ax = style.figure()
    answer_rate.draw(prepared, ax)
    assert np.isnan(ax.get_lines()[0].get_ydata()[1])


def test_a_forest_is_in_points_and_keeps_its_order() -> None:
    prepared = a_forest()
    assert [row.name for row in prepared.rows][:2] == [
        "outage announcement in the IVR",
        "20 agents 14:30 to 17:00",
    ]
    assert prepared.rows[0].gain == pytest.approx(2.4)
    assert prepared.margin == pytest.approx(0.5)
    _, ax = style.figure()
    forest.draw(prepared, ax)
    assert [text.get_text() for text in ax.get_yticklabels()] == [row.name for row in prepared.rows]
    assert any("+2.4  (+2.1 to +2.7)  better" in text.get_text() for text in ax.texts)


def test_a_waterfall_leads_from_today_to_what_is_left_without_all_causes() -> None:
    prepared = a_waterfall()
    assert [bar.name for bar in prepared.bars] == ["today", "surges", "lines", "hours", "without all of them"]
    assert [bar.start for bar in prepared.bars] == pytest.approx([0.0, 82.0, 88.0, 87.0, 0.0])
    assert [bar.end for bar in prepared.bars] == pytest.approx([82.0, 88.0, 87.0, 90.0, 90.0])
    assert (prepared.bars[1].low, prepared.bars[1].high) == pytest.approx((87.0, 89.0)) and prepared.target == 90.0
    with pytest.raises(ValueError, match="must contain"):
        waterfall.prepare([("surges", 0.06, 0.07, 0.08)], today=0.8, target=0.9, simulated="1 simulated day")


def test_a_tornado_is_in_points_and_keeps_its_order() -> None:
    first, second = a_tornado().bars
    assert (first.low, first.high, first.low_from, first.high_to) == pytest.approx((-5.6, 3.8, -6.0, 4.1))
    assert second.at_low == "as it is"
    for wrong, words in (([], "no lever"), ([tornado.Bar("x", 1.0, 0.0, "", "", 0.0, 0.0)], "is above high")):
        with pytest.raises(ValueError, match=words):
            tornado.prepare(wrong, simulated="1 simulated day")


def test_survival_is_the_share_above_each_edge() -> None:
    prepared = survival.prepare([10.0, 20.0, 30.0, 40.0], {"a": [50, 30, 15, 5]})
    np.testing.assert_allclose(prepared.curves[0].share, [0.5, 0.2, 0.05])


def test_heads_of_all_groups_stand_on_each_other() -> None:
    np.testing.assert_array_equal(a_floor().together, np.full(28, 55))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: answer_rate.prepare([0], interval=1, offered=[1, 2], rates={"a": ([1], [1], [1])}),
            "offered: 2",
        ),
        (lambda: answer_rate.prepare([0], interval=1, offered=[1], rates={}), "at least one policy"),
        (lambda: forest.prepare([], baseline="a"), "nothing to compare"),
        (lambda: forest.prepare([forest.Row("a", 1, 2, 3, "better")], baseline="b"), "must contain"),
        (lambda: forest.prepare([forest.Row("a", 1, 0, 3, "nice")], baseline="b"), "no verdict"),
        (lambda: survival.prepare([1.0, 2.0], {"a": [1, 2, 3]}), "edges"),
        (lambda: survival.prepare([1.0, 2.0], {"a": [0, 0]}), "no answered calls"),
        (lambda: heads.prepare([0], interval=1, heads={}, load=[1]), "at least one group"),
        (lambda: heads.prepare([0], interval=1, heads={"a": [1]}, load=[1, 2]), "load: 2"),
        (lambda: staffing.prepare([0], interval=1, lines=[("rule", [1, 2])]), "rule: 2 values for 1"),
        (lambda: staffing.prepare([0], interval=1, lines=[], band=([1], [])), "band, high: 0 values"),
    ],
)
def test_what_does_not_fit_is_refused_and_named(make: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


def test_a_skill_matrix_has_a_square_for_every_skill_and_says_what_it_leaves_out() -> None:
    _, ax = style.figure()
    skill_matrix.draw(a_skill_matrix(), ax)
    assert len(ax.patches) == 4 and [label.get_text() for label in ax.get_yticklabels()] == ["hotline (25)", "Ann", "seats (6)"]
    many = [(f"agent {n}", float(n)) for n in range(50)]
    prepared = skill_matrix.prepare(many, ["a"], [[None]] * 50, title="")
    assert prepared.left_out == 10 and prepared.rows[0] == "agent 10 (10)"
    with pytest.raises(ValueError, match="2 x 1"):
        skill_matrix.prepare(many[:2], ["a"], [[None]], title="")


def test_dispersion_is_drawn_by_rising_length_with_bars_that_end_where_the_intervals_do() -> None:
    prepared = a_dispersion()
    assert prepared.minutes.tolist() == [5.0, 30.0, 60.0]
    counted, given = prepared.lines
    assert counted.recorded.tolist() == [2.2, 8.2, 15.0] and given.model == pytest.approx([1.43, 3.3, 5.28])
    assert counted.recorded - counted.recorded_ends[0] == pytest.approx([1.76, 6.56, 12.0])
    assert counted.recorded + counted.recorded_ends[1] == pytest.approx([2.86, 10.66, 19.5])
