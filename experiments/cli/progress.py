"""Progress on stderr: one line that counts days, only on a terminal."""

from __future__ import annotations

import os
import sys
import time
from types import TracebackType


class Progress:
    """``with Progress() as progress: progress(done, total)``; silent where stderr is not a terminal.

    The line is rewritten in place at most ten times a second and wiped at the end.
    """

    def __init__(self) -> None:
        dumb = os.environ.get("TERM") == "dumb"
        self._shown = sys.stderr is not None and sys.stderr.isatty() and not dumb
        self._last = 0.0
        self._width = 0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if not self._shown or (done < total and now - self._last < 0.1):
            return
        self._last = now
        text = f"{done:,} of {total:,} days"
        sys.stderr.write("\r" + text.ljust(self._width))
        sys.stderr.flush()
        self._width = len(text)

    def __enter__(self) -> Progress:
        return self

    def compiling(self, engine: str) -> Progress:
        """Says that the compiled engine is compiled first, where it is; the line goes when the first days are done."""
        if self._shown and engine == "compiled":
            from sim.engines.warm import is_warm

            if not is_warm():
                text = "compiling the engine for this machine: once, about 20 s ..."
                sys.stderr.write("\r" + text)
                sys.stderr.flush()
                self._width = len(text)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown and self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            sys.stderr.flush()
