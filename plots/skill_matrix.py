"""Skill matrix: who can do what, how well, and in which order calls come to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plots.style import COLORS, INK, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_ROWS = 40  # of who can do the same; more cannot be read
_SHADES = ("#E3EEF6", "#C3DAEA", "#9CC3DD", "#6FA8CD", "#4489B8")  # levels 1 to 5


@dataclass(frozen=True)
class Cell:
    """level : of the skill, 1 to 5; place : of the group in the call type's order, 1 first
    partly : by overflow, or for some callers only
    """

    level: int
    place: int
    partly: bool = False


@dataclass(frozen=True)
class SkillMatrix:
    """rows : agents who can do the same, with how many they are; cells[row][column], None where they cannot."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[Cell | None, ...], ...]
    left_out: int
    title: str


def prepare(
    rows: Sequence[tuple[str, float]], columns: Sequence[str], cells: Sequence[Sequence[Cell | None]], *, title: str
) -> SkillMatrix:
    """Rows as (name, heads); the largest MOST_ROWS are kept. Raises ValueError when shapes differ or nobody is there."""
    if not rows or not columns:
        raise ValueError("a skill matrix needs agents and call types")
    if len(cells) != len(rows) or any(len(row) != len(columns) for row in cells):
        raise ValueError(f"cells must be {len(rows)} x {len(columns)}")
    largest = sorted(range(len(rows)), key=lambda at: -rows[at][1])[:MOST_ROWS]
    kept = sorted(largest)
    names = tuple(rows[at][0] if rows[at][1] == 1 else f"{rows[at][0]} ({rows[at][1]:.0f})" for at in kept)
    return SkillMatrix(names, tuple(columns), tuple(tuple(cells[at]) for at in kept), len(rows) - len(kept), title)


def draw(prepared: SkillMatrix, ax: Axes) -> None:
    """A square for every skill, darker the better, with the place of the group in the call type's order."""
    from matplotlib.patches import Rectangle

    for y, row in enumerate(prepared.cells):
        for x, cell in enumerate(row):
            if cell is None:
                continue
            edge = {"edgecolor": COLORS[1], "linestyle": "--", "linewidth": 1.4} if cell.partly else {"edgecolor": "white"}
            ax.add_patch(Rectangle((x - 0.46, y - 0.44), 0.92, 0.88, facecolor=_SHADES[cell.level - 1], **edge))
            ink = "white" if cell.level >= 4 else INK
            ax.text(x, y, str(cell.place), ha="center", va="center", fontsize=9, color=ink)
    ax.set_xlim(-0.6, len(prepared.columns) - 0.4)
    ax.set_ylim(len(prepared.rows) - 0.4, -0.6)
    ax.set_xticks(range(len(prepared.columns)), prepared.columns, rotation=30 if len(prepared.columns) > 6 else 0,
                  ha="right" if len(prepared.columns) > 6 else "center")  # fmt: skip
    ax.set_yticks(range(len(prepared.rows)), prepared.rows)
    plain(ax, title=prepared.title)
    ax.tick_params(length=0)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    said = "number: place of the group in the call type's order; darker: better level; dashed: by overflow, or for some callers"
    if prepared.left_out:
        said += f"; {prepared.left_out} smaller rows left out"
    ax.set_xlabel(said, fontsize=8, color=INK)
