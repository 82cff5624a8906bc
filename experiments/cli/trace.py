"""callsim trace: one caller's story, told by the reference engine."""

from __future__ import annotations

from typing import Annotated

import typer

from experiments.cli.options import Json, PolicyOption, Seed, SetOption, StoryArgument, settings_from
from experiments.cli.output import echo, print_json


def trace(
    story: StoryArgument,
    call: Annotated[str, typer.Option(help="the call's key or number as `run --log` writes them")],
    policy: PolicyOption = None,
    set_: SetOption = None,
    seed: Seed = 1,
    replication: Annotated[int, typer.Option(min=0, help="which simulated day, from 0")] = 0,
    json: Json = False,
) -> None:
    """Tell one call's story: what was free, what was decided, and by which rule."""
    from sim.files import load
    from sim.scenario.errors import CallsimError
    from sim.scenario.units import TICKS_PER_SECOND

    scenario = load(story, policies=[policy] if policy else [], settings=settings_from(set_))

    from sim.chance import draw, resolve
    from sim.engines.plan import plan
    from sim.engines.witness import Witness

    resolved = resolve(scenario, seed=seed, replication=replication)
    tape = draw(resolved, seed=seed, replication=replication)
    caller = find_caller(tape.number.tolist(), [int(key) for key in tape.key], call)
    if caller is None:
        raise CallsimError(
            f"--call: no call {call!r} on day {replication} of seed {seed}; a key or a number of a first call is needed, "
            f"as in the columns key and caller of `callsim run {story} --log calls.csv`"
        )
    witness = Witness(plan(resolved), tape, caller, resolved.routing)
    witness.run()
    if json:
        steps = [
            {"clock": step.tick / TICKS_PER_SECOND, "what": step.what, "rule": step.rule} for step in witness.story
        ]
        print_json({"schema": "callsim/trace/1", "story": scenario.name, "caller": caller, "steps": steps})
        return
    echo(f"{scenario.name}: caller {caller}, seed {seed}, day {replication}")
    for step in witness.story:
        echo(step.show(scenario.calendar.start if scenario.calendar.days > 1 else None))


def find_caller(numbers: list[int], keys: list[int], wanted: str) -> int | None:
    """The caller number of a key (16 hexadecimal digits) or of a decimal number; None when there is none."""
    text = wanted.strip().lower().removeprefix("0x")
    if len(text) == 16 and all(digit in "0123456789abcdef" for digit in text):
        return dict(zip(keys, numbers, strict=True)).get(int(text, 16))
    return int(text) if text.isdecimal() and int(text) in set(numbers) else None
