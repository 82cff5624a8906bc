"""Progress on stderr: one line that counts days, only on a terminal."""

from __future__ import annotations

import os
import sys
import time
from types import TracebackType

_SURE = 1.0  # seconds after which the time that is left can be told


class Progress:
    """``with Progress() as progress: progress(done, total)``; silent where stderr is not a terminal. `unit` is what is counted.

    The line is rewritten in place at most ten times a second and wiped at the end.
    """

    def __init__(self, unit: str = "days") -> None:
        self._unit = unit
        dumb = os.environ.get("TERM") == "dumb"
        self._shown = sys.stderr is not None and sys.stderr.isatty() and not dumb
        self._last = 0.0
        self._width = 0
        self._began: tuple[float, int] | None = None

    def __call__(self, done: int, total: int) -> None:
        if self._began is None:
            self._began = time.monotonic(), done
        since, first = self._began
        left = ""
        if done > first and time.monotonic() - since > _SURE:
            seconds = (time.monotonic() - since) * (total - done) / (done - first)
            left = f", about {_rough(seconds)} left"
        self._show(f"{done:,} of {total:,} {self._unit}{left}", done == total)

    def _show(self, text: str, at_once: bool) -> None:
        now = time.monotonic()
        if not self._shown or (not at_once and now - self._last < 0.1):
            return
        self._last = now
        sys.stderr.write("\r" + text.ljust(self._width))
        sys.stderr.flush()
        self._width = len(text)

    def __enter__(self) -> Progress:
        return self

    def compiling(self, engine: str) -> Progress:
        """Compiles the compiled engine first, where it is not, and says so. In this thread: in others it takes longer."""
        if engine == "compiled":
            from sim.engines.warm import is_warm, warm_up

            if not is_warm():
                warm_up(self._compiled)
        return self

    def _compiled(self, done: int, about: int) -> None:
        self._show(f"compiling the engine for this machine, once: {done} of about {about} functions", done == about)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown and self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            sys.stderr.flush()


def _rough(seconds: float) -> str:
    """``40 s``, ``3 min``, ``2 h``."""
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
