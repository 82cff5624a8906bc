"""Concurrency: agents who handle several contacts at a time: chats, and calls or work beside them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.scenario.record import Record
from sim.scenario.units import Number, value

MOST_CHATS = 20

AtOnce = Annotated[int, Field(ge=0, le=MOST_CHATS)]


class Concurrency(Record):
    """How many contacts an agent of a group handles at a time.

    `chats` : so many chats at most (call types with contact = "chat").
    `beside` : call types that are no chats, of which he handles one beside so many chats at most; one that is not named is
    handled alone, and so is every call where nothing is named.
    `slowdown` : factors on the handle time of a contact by how many he has in hand when it begins, itself counted; after that it
    stays as it is. Not given: 1, however many.
    """

    chats: Annotated[int, Field(ge=1, le=MOST_CHATS)]
    beside: dict[str, AtOnce] = {}
    slowdown: Annotated[tuple[Number, ...], Field(strict=False)] = ()

    @property
    def slowest(self) -> float:
        """The slowdown of who has as many chats as he may."""
        return value(self.slowdown[self.chats - 1]) if self.slowdown else 1.0

    @property
    def most(self) -> int:
        """The most contacts in hand at once."""
        return max(self.chats, 1 + max(self.beside.values(), default=0))
