"""`callsim schema`: the JSON Schema of a scenario file, for editors that complete and check TOML."""

from __future__ import annotations

from typing import Annotated

import typer

from experiments.cli.output import print_json


def schema(
    policy: Annotated[bool, typer.Option("--policy", help="of a policy file: nothing is required")] = False,
    json: Annotated[bool, typer.Option("--json", help="taken for granted: a schema is JSON")] = True,
) -> None:
    """Print the JSON Schema of scenario files; `callsim schema > callsim.schema.json`, then let the editor know."""
    del json
    from sim.files.schema import schema as scenario_schema

    print_json(scenario_schema(partial=policy))
