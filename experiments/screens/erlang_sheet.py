"""A planner's sheet of intervals beside Erlang C and Erlang A: plain rows in, plain records out.

Times in seconds, load in erlangs, shares from 0 to 1. Reading the sheet and printing the result are the
command's; nothing here opens a file.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from sim.erlang import ErlangA, ErlangC, agents_needed, erlang_a, erlang_c, rostered

__all__ = ["Row", "SheetRecord", "sheet"]


class Row(NamedTuple):
    """One interval as the sheet has it.

    start      label of the interval, such as "10:30"
    calls      calls offered in the interval
    per        length of the interval, seconds
    aht        average handle time, seconds
    agents     heads on phones; None when only the need is asked for
    patience   mean patience, seconds; None leaves Erlang A out
    """

    start: str
    calls: float
    per: float
    aht: float
    agents: int | None = None
    patience: float | None = None


@dataclass(frozen=True)
class SheetRecord:
    """One interval counted. None where the row lacks what the figure needs, or the figure does not exist.

    load                      erlangs
    c_*                       Erlang C with the row's agents; c_asa in seconds, None in overload
    a_*                       Erlang A with the row's agents and patience; service level over offered;
                              a_mean_wait over all callers and a_asa over the answered, seconds
    needed                    heads on phones for the target, Erlang C
    needed_a                  the same by Erlang A
    rostered, rostered_markup needed / (1 - shrinkage), needed x (1 + shrinkage), Erlang C
    note                      why Erlang C is silent; empty otherwise
    """

    start: str
    calls: float
    aht: float
    agents: int | None
    patience: float | None
    load: float
    c_service_level: float | None
    c_answer_rate: float | None
    c_asa: float | None
    c_occupancy: float | None
    a_service_level: float | None
    a_answer_rate: float | None
    a_asa: float | None
    a_mean_wait: float | None
    a_occupancy: float | None
    needed: int
    needed_a: int | None
    rostered: float
    rostered_markup: float
    note: str


def sheet(
    rows: Iterable[Row | tuple[str, float, float, float, int | None, float | None]],
    *,
    within: float = 20.0,
    service_level: float = 0.8,
    shrinkage: float = 0.0,
) -> list[SheetRecord]:
    """Count every row; `within` in seconds, `service_level` the target that `needed` meets.

    ValueError names every row that cannot be counted, by its number and label, all of them at once.
    """
    agents_needed(calls_per_hour=0.0, aht=1.0, service_level=service_level, within=within)  # refuses bad options
    rostered(0.0, shrinkage)
    records: list[SheetRecord] = []
    problems: list[str] = []
    for i, values in enumerate(rows):
        row = Row(*values)
        try:
            records.append(_count(row, within, service_level, shrinkage))
        except ValueError as error:
            problems += [f"rows[{i}] ({row.start}) {line}" for line in str(error).splitlines()]
    if problems:
        raise ValueError("\n".join(problems))
    return records


def _count(row: Row, within: float, service_level: float, shrinkage: float) -> SheetRecord:
    if not 0.0 < row.per < float("inf"):
        raise ValueError(f"per: {row.per!r} is not allowed; a number above 0 (seconds)")
    if not 0.0 <= row.calls < float("inf"):
        raise ValueError(f"calls: {row.calls!r} is not allowed; a number of 0 or more (calls)")
    hourly = row.calls * 3600.0 / row.per
    c: ErlangC | None = None
    a: ErlangA | None = None
    needed_a: int | None = None
    if row.agents is not None:
        c = erlang_c(calls_per_hour=hourly, aht=row.aht, agents=row.agents, within=within)
    if row.agents is not None and row.patience is not None:
        a = erlang_a(calls_per_hour=hourly, aht=row.aht, agents=row.agents, patience=row.patience, within=within)
    needed = agents_needed(calls_per_hour=hourly, aht=row.aht, service_level=service_level, within=within)
    if row.patience is not None:
        needed_a = agents_needed(
            calls_per_hour=hourly,
            aht=row.aht,
            service_level=service_level,
            within=within,
            patience=row.patience,
        )
    load = hourly / 3600.0 * row.aht
    overload = c is not None and not c.stable and row.calls > 0  # an empty interval needs no answer
    answer = c if c is not None and c.stable else None
    return SheetRecord(
        start=row.start,
        calls=row.calls,
        aht=row.aht,
        agents=row.agents,
        patience=row.patience,
        load=load,
        c_service_level=answer.service_level if answer else None,
        c_answer_rate=answer.answer_rate if answer else None,
        c_asa=answer.asa if answer else None,
        c_occupancy=answer.occupancy if answer else None,
        a_service_level=a.service_level if a else None,
        a_answer_rate=a.answer_rate if a else None,
        a_asa=a.asa if a else None,
        a_mean_wait=a.mean_wait if a else None,
        a_occupancy=a.occupancy if a else None,
        needed=needed,
        needed_a=needed_a,
        rostered=rostered(needed, shrinkage),
        rostered_markup=rostered(needed, shrinkage, convention="markup"),
        note=f"Erlang C has no answer: load {load:.1f} on {row.agents}" if overload else "",
    )
