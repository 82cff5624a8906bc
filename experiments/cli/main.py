"""The command `callsim`: a table of commands, each imported only when it is invoked."""

from __future__ import annotations

import difflib
import importlib
import sys
import warnings
from collections.abc import Callable
from typing import Any, NoReturn

from experiments.cli.errors import report
from experiments.cli.output import ReaderGone, echo, note, plain_console

# name -> (module:function, what the list of commands says); in the order in which a planner meets them
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("experiments.cli.init:init", "write a small story to begin with"),
    "lint": ("experiments.cli.lint:lint", "what is wrong with a story, all at once; runs nothing"),
    "show": ("experiments.cli.show:show", "what a story says: calls, heads, surges, assumptions"),
    "run": ("experiments.cli.run:run", "simulate the day as planned, half-hour by half-hour"),
    "compare": ("experiments.cli.compare:compare", "policies against the baseline on the same callers"),
    "sweep": ("experiments.cli.sweep:sweep", "every cell of a study file, into a store that goes on"),
    "results": ("experiments.cli.results:results", "what a folder of a sweep holds, and what made it"),
    "explain": ("experiments.cli.explain:explain", "why a target is missed: what each cause takes"),
    "gate": ("experiments.cli.gate:gate", "thresholds for CI: met, missed or undecided, as an exit code"),
    "trace": ("experiments.cli.trace:trace", "one call's story: what was free, what was decided"),
    "import": ("experiments.cli.import_:import_", "what a switch exports becomes a call log or an interval report"),
    "calibrate": ("experiments.cli.calibrate:calibrate", "a story measured in a call log or an interval report"),
    "export": ("experiments.cli.export:export", "intervals or calls of a record as CSV, XLSX or Parquet"),
    "replay": ("experiments.cli.replay:replay", "a recorded day again, as it was and under policies"),
    "backtest": ("experiments.cli.backtest:backtest", "days that were not fitted, simulated beside the record"),
    "erlang": ("experiments.cli.erlang:erlang", "Erlang B, C and A, needed and rostered heads"),
    "warmup": ("experiments.cli.warmup:warmup", "compile the engine for this machine, once"),
    "measures": ("experiments.cli.measures:measures", "every measure with its formula and denominator"),
    "schema": ("experiments.cli.schema:schema", "JSON Schema of scenario, gate and study files"),
}
_EXIT_CODES = """\
Exit codes: 0 done, or thresholds met; 1 a fault of callsim; 2 the input is wrong, nothing was run;
3 precision not reached, or thresholds undecided; 4 could not be finished (disk, permission, lost
workers); 99 a threshold missed; 130 interrupted."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command named by the first argument; always ends with SystemExit and the exit code."""
    plain_console()
    words = sys.argv[1:] if arguments is None else arguments
    if not words or words[0] in ("--help", "-h", "help"):
        echo(overview())
        raise SystemExit(0)
    if words[0] == "--version":
        echo(f"callsim {version()}")
        raise SystemExit(0)
    warnings.showwarning = _one_line
    try:
        code = _run(words[0], words[1:])
        sys.stdout.flush()
    except (BrokenPipeError, ReaderGone):
        sys.stdout = None  # else the interpreter complains once more at exit
        code = 0
    except (Exception, KeyboardInterrupt) as error:
        code = report(error)
    raise SystemExit(code)


def _one_line(message: Warning | str, *_: Any, **__: Any) -> None:
    """A warning as a planner reads it: without the place in the source that gave it."""
    note(f"note: {message}")


def overview() -> str:
    """What `callsim --help` prints; knows the commands without importing them."""
    lines = ["Usage: callsim COMMAND [OPTIONS]", ""]
    lines += ["callsim tells a call center what a change will do to its answer rate before it is deployed.", ""]
    lines += ["Commands, each with --help:"]
    lines += [f"  {name:<10} {about}" for name, (_, about) in COMMANDS.items()]
    return "\n".join([*lines, "", "Example: callsim compare outage-surge", "", _EXIT_CODES])


def _run(name: str, arguments: list[str]) -> int:
    """Exit code of the command; its errors come out as exceptions."""
    from sim.scenario.errors import CallsimError

    if name not in COMMANDS:
        close = difflib.get_close_matches(name, COMMANDS, n=1)
        hint = f'; did you mean "{close[0]}"?' if close else f"; there is {', '.join(COMMANDS)}"
        raise CallsimError(f'no command "{name}"{hint}')
    module, _, function = COMMANDS[name][0].partition(":")
    command: Callable[..., Any] = getattr(importlib.import_module(module), function)

    import typer
    from typer.main import get_command

    # rich_markup_mode None: plain text, so that help and usage errors are the same on every console
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(name, context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100})(command)
    ended = get_command(app).main(args=arguments, prog_name=f"callsim {name}", standalone_mode=False)
    if ended == 130:  # typer's translation of Ctrl-C
        raise KeyboardInterrupt
    return ended if isinstance(ended, int) else 0


def version() -> str:
    """The installed version of callsim."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("callsim")
    except PackageNotFoundError:
        return "(not installed)"


if __name__ == "__main__":
    main()
