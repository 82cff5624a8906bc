"""Whether the numbers of distributions and shapes make sense: means above 0, weights that are not all 0."""

from __future__ import annotations

from typing import Any

from sim.scenario import distributions as d
from sim.scenario.demand import Shape
from sim.scenario.errors import Problem
from sim.scenario.paths import Path, join
from sim.scenario.problems import show
from sim.scenario.range import Range

_POSITIVE: dict[type[d.Law], tuple[str, ...]] = {
    d.Exponential: ("mean",),
    d.LogNormal: ("mean",),
    d.Weibull: ("mean", "shape"),
    d.Gamma: ("mean", "cv"),
    d.Erlang: ("mean",),
    d.HyperExponential: ("means",),
}


def law_problems(law: d.Law, path: Path) -> list[Problem]:
    """What is wrong with the parameters of a distribution at `path`."""
    here = (*path, law.word)
    found: list[Problem] = []
    for name in _POSITIVE.get(type(law), ()):
        found += _above_zero(getattr(law, name), (*here, name))
    if isinstance(law, d.Survival) and _low(law.share[-1]) > 0:
        found += _above_zero(law.tail, (*here, "tail"))
    if isinstance(law, d.Empirical) and law.weights is not None:
        found += weights_problems(law.weights, (*here, "weights"))
    if isinstance(law, d.Mixture):
        for at, part in enumerate(law.parts):
            found += law_problems(part.of, (*here, "parts", str(at), "of"))
    return found


def shape_problems(shape: Shape, path: Path) -> list[Problem]:
    """What is wrong with the numbers of a surge's shape at `path`."""
    found: list[Problem] = []
    for word, names in {"pulse": ("lasts",), "decay": ("half_life",), "delayed": ("peak",)}.items():
        part = getattr(shape, word)
        for name in names if part is not None else ():
            found += _above_zero(getattr(part, name), (*path, word, name))
    if shape.ramp is not None and shape.ramp.rise + shape.ramp.hold + shape.ramp.fall <= 0:
        found.append(Problem(join((*path, "ramp")), "rise, hold and fall must not all be 0"))
    if shape.recorded is not None:
        found += _above_zero(shape.recorded.interval, (*path, "recorded", "interval"))
        found += weights_problems(shape.recorded.weights, (*path, "recorded", "weights"))
    return found


def weights_problems(weights: tuple[Any, ...], path: Path) -> list[Problem]:
    """Weights that are all 0 say nothing."""
    if any((one.high if isinstance(one, Range) else one) > 0 for one in weights):
        return []
    return [Problem(join(path), "must not all be 0")]


def _above_zero(value: Any, path: Path) -> list[Problem]:
    if isinstance(value, tuple):
        return [problem for at, one in enumerate(value) for problem in _above_zero(one, (*path, str(at)))]
    if _low(value) > 0:
        return []
    return [Problem(join(path), "must be above 0", found=show(_low(value)))]


def _low(value: Any) -> float:
    return value.low if isinstance(value, Range) else float(value)
