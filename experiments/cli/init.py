"""`callsim init`: a small story to begin with, complete and explained line by line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.options import Json
from experiments.cli.output import echo, print_json
from sim.scenario.errors import CallsimError, CannotFinishError

SCHEMA = "callsim/init/1"
SCENARIO = """\
# A small call center on one day. Change the numbers to yours; lines with # explain and may be deleted.
# Check the file:       callsim lint {folder}
# See what it says:     callsim show {folder}
# Compare the policies: callsim compare {folder}

name = "my hotline"

[calendar]
start = 2026-03-12
opens = "09:00"
closes = "17:00"
interval = "30m"                 # lists below have one number per half-hour: 16 from 09:00 to 16:30
after_closing = "finish"         # "drop": whoever still waits at closing is lost

# ---- Who calls ------------------------------------------------------------------------------------------------
[[call_types]]
name = "billing"
arrivals = {{ per_interval = [20, 28, 35, 38, 36, 30, 24, 22, 26, 30, 33, 32, 28, 24, 20, 16] }}
# or: arrivals = {{ per_hour = 56 }}        or: arrivals = {{ per_day = 442, profile = [ 16 weights ] }}
busyness = {{ cv = 0.08 }}         # one day differs from another by about 8 % beyond pure chance
talk = {{ lognormal = {{ mean = "4m", cv = 0.8 }} }}
wrap_up = {{ exponential = {{ mean = "30s" }} }}
patience = {{ exponential = {{ mean = "2m" }} }}     # how long callers would wait; not how long those who left waited
balking = 0.02                   # hang up on hearing that all agents are busy

[[call_types]]
name = "faults"
arrivals = 9                     # one number: the same in every half-hour
talk = {{ lognormal = {{ mean = "6m", cv = 0.8 }} }}
wrap_up = {{ exponential = {{ mean = "1m" }} }}
patience = {{ exponential = {{ mean = "3m" }} }}

# ---- Who answers ----------------------------------------------------------------------------------------------
[[groups]]
name = "generalists"
skills = ["billing", "faults"]   # in order of preference; [["billing", "faults"]] takes them alike
agents = {{ counts = "on phones", per_interval = [5, 6, 7, 7, 7, 6, 5, 5, 6, 6, 7, 7, 6, 5, 5, 4] }}
# or what stands on the roster: agents = {{ counts = "rostered", shrinkage = 0.28, per_interval = [ ... ] }}

[[groups]]
name = "technicians"
skills = ["faults"]
agents = 2

# ---- What may happen ------------------------------------------------------------------------------------------
[[surges]]
name = "price letter"
at = "10:30"
calls = {{ billing = {{ low = 30, likely = 60, high = 120 }} }}    # not known: a range, drawn for every day
shape = {{ decay = {{ half_life = "40m" }} }}                    # half of them have called after 40 minutes

[lines]
trunks = 30

[costs]
currency = "EUR"
wage = 20                        # per paid hour
lost_call = 3

[[targets]]
measure = "answer_rate"          # answered / offered
at_least = 0.85

# ---- Where the numbers come from; callsim show {folder} --assumptions lists them ---------------------------------
[sources]
"call_types" = {{ status = "assumed", note = "the numbers of the starter file" }}
"groups" = {{ status = "assumed", note = "the numbers of the starter file" }}
"""

POLICY = """\
# A policy says only what is different; what is not named here stays as in scenario.toml.
# Three more generalists from 10:30 to 13:00, paid as overtime.

[[groups]]
name = "generalists"
agents = { plus = 3, from = "10:30", to = "13:00", overtime = true }
"""


def init(folder: Annotated[Path, typer.Argument(help="a new or empty folder")], json: Json = False) -> None:
    """Write a small story, ready to run, into a new folder: scenario.toml and one policy."""
    try:
        if folder.exists() and not folder.is_dir():
            raise CallsimError(f"{folder}: is a file; name a new or empty folder")
        if folder.is_dir() and any(folder.iterdir()):
            raise CallsimError(f"{folder}: is not empty; nothing was written. Name a new or empty folder")
        (folder / "policies").mkdir(parents=True, exist_ok=True)
        (folder / "scenario.toml").write_text(SCENARIO.format(folder=_quoted(folder)), encoding="utf-8")
        (folder / "policies" / "more-agents.toml").write_text(POLICY, encoding="utf-8")
    except OSError as error:
        raise CannotFinishError(f"{folder}: cannot be written ({error.strerror})") from error
    written = [folder / "scenario.toml", folder / "policies" / "more-agents.toml"]
    if json:
        print_json({"schema": SCHEMA, "wrote": [str(path) for path in written]})
        return
    for path in written:
        echo(f"wrote   {path}")
    echo(f"next    callsim lint {_quoted(folder)}")


def _quoted(folder: Path) -> str:
    """The folder as a shell takes it, in quotes where it has spaces; the same on Windows and elsewhere."""
    return f'"{folder}"' if any(letter.isspace() for letter in str(folder)) else str(folder)
