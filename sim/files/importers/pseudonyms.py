"""Pseudonyms: callers and agents as keyed hashes, the same name for the same person wherever the key is the same.

The key lies in the user's own configuration folder and never beside the data: who has only the data cannot try all phone
numbers to find out whose a hash is.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import sys
from pathlib import Path

from sim.files.reading import read_text, wrong
from sim.files.write import write_whole

_BYTES = 32  # of a key
_DONE = re.compile(r"(agent|caller)-[0-9a-f]{16}")  # a log that was imported before keeps its names
_WITHHELD = {
    "anonymous", "anonym", "asterisk", "blocked", "none", "null", "private", "restricted", "unavailable", "unbekannt",
    "undefined", "unknown", "withheld", "匿名", "未知",
}  # fmt: skip # what switches write for a number that they were not told; not the number of one caller
_PHONE = re.compile(r"(\+|00)?[\d\s()./\u00a0-]{7,}")
_REMEMBERED = 100_000  # names whose hash is kept at hand; it is soon made again


class Pseudonyms:
    """Names of agents and callers as hashes with a key (BLAKE2b, RFC 7693); `key` None keeps them as they are."""

    def __init__(self, key: bytes | None) -> None:
        self._key = key
        self._known: dict[tuple[str, str], str] = {}

    def agent(self, name: str) -> str:
        """The pseudonym of an agent; "" for nobody."""
        return self._hash("agent", name)

    def caller(self, name: str) -> str:
        """The pseudonym of a caller; "" for one who is not known. A phone number is the same however it is written."""
        return self._hash("caller", name)

    def _hash(self, kind: str, name: str) -> str:
        if not name or self._key is None or _DONE.fullmatch(name):
            return name
        found = self._known.get((kind, name))
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            said = _dialled(name) if kind == "caller" else name
            digest = hashlib.blake2b(said.encode(), digest_size=8, key=self._key, person=kind.encode())
            found = self._known[kind, name] = f"{kind}-{digest.hexdigest()}"
        return found


def is_pseudonym(name: str) -> bool:
    """Whether this is the hash of a name."""
    return _DONE.fullmatch(name) is not None


def is_withheld(name: str) -> bool:
    """Whether this says that a caller is not known."""
    return name.strip("<>-. 0").casefold() in {"", *_WITHHELD}


def _dialled(name: str) -> str:
    """A phone number as its digits, for switches write +49 30 1234567, 0049301234567 and 49301234567; other names as they are."""
    if not _PHONE.fullmatch(name):
        return name
    digits = re.sub(r"\D", "", name)
    return digits[2:] if digits.startswith("00") and len(digits) > 9 else digits


def key_home() -> Path:
    """Where a user's key lies: CALLSIM_CONFIG, else callsim/ in the user's configuration folder."""
    if given := os.environ.get("CALLSIM_CONFIG"):
        return Path(given) / "id.key"
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", "~")).expanduser() / "callsim" / "id.key"
    return Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "callsim" / "id.key"


def key_of(path: Path | None = None) -> bytes:
    """The key in a file, or the user's own, which is made where there is none; a file that is named must be there.

    Raises ScenarioError for a file that holds no key, CannotFinishError for one that cannot be read or made.
    """
    place = path or key_home()
    if path is None and not place.exists():
        write_whole(place, secrets.token_hex(_BYTES) + "\n", mode=0o600)
    text = read_text(place).strip()
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != _BYTES:
        raise wrong(place, f"must hold a key of {2 * _BYTES} hexadecimal digits")
    return key
