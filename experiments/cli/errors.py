"""What an error looks like on the command line: a message on stderr and an exit code, never a bare traceback."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from pathlib import Path

INTERRUPTED = 130  # 128 + SIGINT, as shells count
UNFINISHED = 4
FAULT = 1
UNDECIDED = 3  # or a precision that was not reached
MISSED = 99
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS)
_ISSUES = "please report it with the command you typed; CALLSIM_DEBUG=1 shows where it happened"


def report(error: BaseException) -> int:
    """Say on stderr what went wrong and return the exit code."""
    from sim.scenario.errors import CallsimError

    if isinstance(error, KeyboardInterrupt):
        _say("interrupted; nothing was written")
        return INTERRUPTED
    if isinstance(error, CallsimError):
        _say(str(error))
        return error.exit_code
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        sys.stdout = None  # else the interpreter complains once more at exit
        _say(f"the output could not be written: {error.strerror}; free some room and run the command again")
        return UNFINISHED
    show = getattr(error, "format_message", None)  # a usage error of typer, whichever click it stands on
    if show is not None:
        context = getattr(error, "ctx", None)
        if context is not None:
            _say(context.get_usage())
        _say(f"Error: {show()}")
        return int(getattr(error, "exit_code", 2))
    if os.environ.get("CALLSIM_DEBUG") == "1":
        traceback.print_exception(error)
    _say(_shadow(error) or f"callsim failed ({type(error).__name__}: {error}): {_ISSUES}")
    return FAULT


def _say(text: str) -> None:
    if sys.stderr is not None:
        print(text, file=sys.stderr, flush=True)


def _shadow(error: BaseException) -> str:
    """Names the user's own `sim` or `plots` folder when that is what was imported instead of ours."""
    if not isinstance(error, ImportError):
        return ""
    ours = Path(__file__).resolve().parents[2]
    for room in ("sim", "plots"):
        places = [Path(place).resolve() for place in getattr(sys.modules.get(room), "__path__", [])]
        if places and ours / room not in places:
            return f"{places[0]}: this folder hides callsim's own {room!r}; run from another folder or rename it"
    return ""
