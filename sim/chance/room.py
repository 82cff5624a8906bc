"""Room: memory for the large arrays of a day, used again for the next: fresh pages cost more than filling them."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

_rooms = threading.local()


class Room:
    """Arrays by name. What was in one is lost when its name is asked for again."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}

    def array(self, name: str, length: int, *more: int, dtype: Any = np.int64) -> Any:
        """An array of that length (and width), not cleared."""
        kept = self._kept.get(name)
        if kept is None or len(kept) < length or kept.shape[1:] != more:
            kept = self._kept[name] = np.empty((length + length // 8, *more), dtype)
        return kept[:length]

    def length(self, name: str) -> int:
        """How long an array of that name may be without new memory; 0 where there is none."""
        return len(self._kept.get(name, ()))

    def longer(self, name: str, first: Any, more: int) -> Any:
        """An array with a copy of `first` and so many rows more."""
        out = self.array(name, len(first) + more, *first.shape[1:], dtype=first.dtype)
        out[: len(first)] = first
        return out


def own_room() -> Room:
    """The room of this thread, for what only this thread sees and only until its next day."""
    if not hasattr(_rooms, "room"):
        _rooms.room = Room()
    room: Room = _rooms.room
    return room
