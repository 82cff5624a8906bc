"""Warm: whether the kernels are compiled on this machine, and compiling them before they are needed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.chance.jit import kernel_cache
from sim.scenario.units import ticks

if TYPE_CHECKING:
    from sim.chance.tape import Tape
    from sim.scenario.scenario import Scenario

FUNCTIONS, BESIDE = 220, 130  # about as many are compiled, for a line of progress; fewer where another process helps


def is_warm() -> bool:
    """Whether the compiled engine can start from its cache; False too where no cache can be kept."""
    folder = kernel_cache()
    return folder is not None and any(Path(folder).rglob("kernel.run_day-*.nbc"))


def warm_up(progress: Callable[[int, int], None] | None = None) -> None:
    """Compile everything a study needs by counting a small day.

    Another process compiles, from the end, what the kernel calls, and then what draws the calls, where there is a second
    processor and a cache to find it in: numba compiles one function at a time per process.
    progress(done, about) : after each function how many are compiled here, and about how many it will be
    """
    from numba.core import event

    from sim.engines import count
    from sim.tally.measuring import Measuring

    class Compiled(event.Listener):
        done = 0

        def on_start(self, event: Any) -> None:
            pass

        def on_end(self, event: Any) -> None:
            self.done += 1
            if progress is not None:
                progress(self.done, max(FUNCTIONS if helper is None else BESIDE, self.done))

    helper = _helper()
    try:
        with event.install_listener("numba:compile", Compiled()):
            scenario = small()
            count(scenario, _one_call(), Measuring())
            if helper is not None:
                helper.wait()
            compile_draws()  # from the cache, if the other process did it
    finally:
        if helper is not None:
            helper.kill()
            helper.wait()


def compile_draws() -> None:
    """Compile what draws the calls."""
    from sim.chance import draw

    draw(small(), seed=1)


def compile_beside() -> None:
    """Compile the kernel's functions that come last where the kernel itself is compiled, then what draws the calls."""
    import numba

    for function, arguments in last_compiled():
        function.compile(tuple(numba.typeof(argument) for argument in arguments))  # type: ignore[no-untyped-call]
    compile_draws()


def last_compiled() -> list[tuple[Any, tuple[Any, ...]]]:
    """Functions that the kernel comes to last when it is compiled, the very last first, and arguments of the types it calls
    them with.
    """
    from sim.engines.aftermath import react
    from sim.engines.compiled import beginning
    from sim.engines.composing import compose
    from sim.engines.counting import count_legs
    from sim.engines.handover import talk
    from sim.engines.offering import dial, stays_on_the_line
    from sim.tally.credit import credit_call
    from sim.tally.measuring import Measuring

    day, rules, r, t, laws, *identity = beginning(small(), _one_call(), Measuring())
    row, one = day.calls[0], day.label[0]
    return [
        (react, (day, rules, laws, *identity, 0)),
        (count_legs, (day, rules, r, t, 0, 0)),
        (compose, (day, rules, laws.handling, laws.coming.laws, *identity, 0, 0)),
        (talk, (day, rules, laws.handing, laws.selling, laws.coming.laws, *identity, 0, 0, 0.0)),
        (dial, (day, rules, r, t, laws.coming.laws, laws.calling, laws.selling, laws.handling, *identity, 0, 0)),
        (credit_call, (r, t, row, one)),
        (stays_on_the_line, (day, rules, laws.coming, laws.offers, laws.deflecting, *identity, 0)),
    ]


def small() -> Scenario:
    """A small day, for which every kernel is compiled."""
    from sim.scenario.scenario import Scenario

    return Scenario.model_validate(_SMALL)


def _helper() -> subprocess.Popen[bytes] | None:
    """A process that compiles the draws meanwhile; None where it would not help. If it fails it is done here."""
    if kernel_cache() is None or (os.cpu_count() or 1) < 2 or not sys.executable:
        return None
    nothing = subprocess.DEVNULL
    command = [sys.executable, "-c", f"from {__name__} import compile_beside; compile_beside()"]
    try:
        return subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing)
    except OSError:
        return None


def _one_call() -> Tape:
    """A tape that nobody needs to draw."""
    from sim.chance.tape import tape_of

    zero = np.zeros(1, np.int64)
    names = ("number", "stream", "call_type", "ivr", "fate", "balks", "talk", "wrap", "patience", "waited")
    rest: Any = dict.fromkeys(names, zero)
    return tape_of(
        seed=1, replication=0, key=zero.astype(np.uint64), label=zero.reshape(1, 1), surge=zero - 1, via=zero - 1,
        arrival=zero + ticks(small().calendar.opens), **rest,
    )  # fmt: skip


_SMALL: dict[str, Any] = {
    "name": "small",
    "calendar": {"start": date(2026, 1, 1), "opens": "09:00", "closes": "10:00"},
    "call_types": [
        {
            "name": "a",
            "arrivals": {"per_hour": 20},
            "busyness": {"cv": 0.1},
            "talk": {"gamma": {"mean": 100, "cv": 0.7}},
            "patience": {"exponential": {"mean": 60}},
            "labels": {"team": {"x": 0.5, "y": 0.5}},
            "next": {"contained": {"chance": 0.5}, "abandoned": {"chance": 0.5}},
        }
    ],
    "groups": [{"name": "desk", "skills": ["a"], "agents": 1}],
    "surges": [{"name": "s", "at": "09:10", "calls": {"a": 5}, "shape": {"decay": {"half_life": 300}}}],
    "ivr": {"containment": {"a": 0.2}, "delay": 5},
}
