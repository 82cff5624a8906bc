"""`callsim schema`: the JSON Schema of scenario, gate and study files, for editors that complete and check TOML."""

from __future__ import annotations

from typing import Annotated

import typer

from experiments.cli.output import print_json
from sim.scenario.errors import CallsimError

KINDS = ("scenario", "gate", "study")


def schema(
    policy: Annotated[bool, typer.Option("--policy", help="of a policy file: nothing is required")] = False,
    of: Annotated[str, typer.Option("--of", help="scenario, gate or study files")] = "scenario",
    json: Annotated[bool, typer.Option("--json", help="taken for granted: a schema is JSON")] = True,
) -> None:
    """Print the JSON Schema of scenario files; `callsim schema > callsim.schema.json`, then let the editor know."""
    del json
    if of not in KINDS or (policy and of != "scenario"):
        raise CallsimError(f"--of {of}: there is {', '.join(KINDS)}; --policy goes with scenario")
    if of != "scenario":
        from experiments.gate_file import GateFile
        from experiments.study_file import StudyFile

        print_json((GateFile if of == "gate" else StudyFile).model_json_schema())
        return
    from sim.files.schema import schema as scenario_schema

    print_json(scenario_schema(partial=policy))
