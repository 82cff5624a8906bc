"""`callsim measures`: every measure with its formula, and the table of outcomes and denominators."""

from __future__ import annotations

from experiments.cli.options import Json
from experiments.cli.output import echo, print_json


def measures(json: Json = False) -> None:
    """List every measure with its formula, unit and direction, and which outcome each denominator counts."""
    from experiments.screens.measure_list import measure_document, measure_lines

    if json:
        print_json(measure_document())
        return
    for line in measure_lines():
        echo(line)
