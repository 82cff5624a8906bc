"""Reading bytes and text, with errors that say what to do about it."""

from __future__ import annotations

import codecs
import contextlib
import errno
import gzip
import io
import os
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TextIO, cast

from sim.scenario.errors import CallsimError, CannotFinishError, Problem, ScenarioError

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 20
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f]")


def wrong(place: str | Path, message: str, *, found: str = "", hint: str = "") -> ScenarioError:
    """A ScenarioError with one problem about a file."""
    return ScenarioError([Problem("", message, found=found, hint=hint, place=str(place))])


def read_bytes(path: Path) -> bytes:
    """The content of a file; raises ScenarioError when there is none, CannotFinishError when it cannot be read."""
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    if not content.strip():
        raise wrong(path, "is empty")
    return content


def _unreadable(path: Path, error: OSError | ValueError) -> CallsimError:
    """What to say of a file that cannot be read."""
    if isinstance(error, FileNotFoundError):
        return wrong(path, "no such file", hint=_beside(path))
    if isinstance(error, IsADirectoryError | NotADirectoryError):
        return wrong(path, "is a folder, not a file" if path.is_dir() else "no such file")
    if isinstance(error, PermissionError):
        if path.is_dir():  # Windows says it so
            return wrong(path, "is a folder, not a file")
        return CannotFinishError(f"{path}: may not be read; if it is open in Excel, save and close it")
    if isinstance(error, ValueError):
        return wrong(repr(str(path)), "is no name of a file")
    if error.errno in (errno.ENAMETOOLONG, errno.EINVAL):
        return wrong(path, "no such file")
    return CannotFinishError(f"{path}: cannot be read ({error.strerror})")


def _beside(path: Path) -> str:
    from sim.scenario.paths import nearest

    if not path.parent.is_dir():
        return f"there is no folder {path.parent}"
    hint = nearest(path.name, (one.name for one in path.parent.iterdir() if one.is_file()))
    return hint if hint.startswith("did") else ""


def read_text(path: Path) -> str:
    """The text of a file that may be packed with gzip; raises as `read_bytes` and `decode`."""
    content = read_bytes(path)
    if content.startswith(_GZIP):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error):
            raise wrong(path, "is a damaged .gz file") from None
    return decode(content, path)


def decode(content: bytes, path: Path) -> str:
    """Text of a table: UTF-8 or UTF-16 with or without a mark, GB18030, or Windows-1252; raises ScenarioError."""
    return content.decode(_encoding(lambda: iter((content,)), path))


class OpenText(NamedTuple):
    """A text file that is read piece by piece: how many of its `size` bytes are read is `position()`."""

    text: TextIO
    position: Callable[[], int]
    size: int
    encoding: str


@contextlib.contextmanager
def open_text(path: Path) -> Iterator[OpenText]:
    """A text file of any length, perhaps packed with gzip, opened in the encoding in which all of it is written.

    Raises as `read_text`; what is wrong with a packed file may be raised while it is read.
    """
    encoding = _encoding(lambda: _chunks(path), path)
    with _opened(path) as raw, contextlib.ExitStack() as stack:
        binary = stack.enter_context(gzip.open(raw)) if _is_packed(raw) else raw
        text = io.TextIOWrapper(cast(BinaryIO, binary), encoding=encoding, newline="")
        try:
            yield OpenText(text, raw.tell, os.fstat(raw.fileno()).st_size, encoding)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise wrong(path, "is a damaged .gz file") from None


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        raw = path.open("rb")
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    with raw:
        yield raw


def _is_packed(raw: BinaryIO) -> bool:
    packed = raw.read(len(_GZIP)) == _GZIP
    raw.seek(0)
    return packed


def _chunks(path: Path) -> Iterator[bytes]:
    with _opened(path) as raw:
        binary: Any = gzip.open(raw) if _is_packed(raw) else raw  # noqa: SIM115 closed with what it reads from
        try:
            while chunk := binary.read(_CHUNK):
                yield chunk
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise wrong(path, "is a damaged .gz file") from None


def _encoding(chunks: Callable[[], Iterator[bytes]], path: Path) -> str:
    """The encoding in which all chunks are text; raises ScenarioError where there is none."""
    head = next(chunks(), b"")
    if not head.strip():
        raise wrong(path, "is empty")
    if head.startswith(_WORKBOOKS):
        raise wrong(path, "is an Excel workbook, not text", hint="name it .xlsx or .xls, or save it as CSV")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif b"\x00" in head:
        half = head[1::2].count(0), head[::2].count(0)
        if max(half) <= len(head) // 4 or min(half):
            raise wrong(path, "is not a text file")
        candidates = ["utf-16-le" if half[0] else "utf-16-be"]
    elif _reads(chunks(), "utf-8-sig"):
        return "utf-8-sig"
    else:
        odd = next((chunk for chunk in chunks() if not chunk.isascii()), None)
        if odd is None:  # only control characters keep it from being text
            raise wrong(path, "is not a text file")
        candidates = ["gb18030" if _chinese(odd) else "cp1252", "gb18030"]
    found = next((encoding for encoding in candidates if _reads(chunks(), encoding)), None)
    if found is None:
        raise wrong(path, "is not a text file")
    return found


def _reads(chunks: Iterator[bytes], encoding: str) -> bool:
    """Whether all chunks are text in an encoding, without control characters."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in chunks:
            if _CONTROL.search(decoder.decode(chunk)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _chinese(content: bytes) -> bool:
    """Whether the bytes above 127 come in the pairs of GB 2312; in Windows-1252 they mostly stand alone."""
    pairs = alone = at = 0
    while at < len(content):
        if content[at] < 0x81:
            at += 1
        elif content[at] >= 0xA1 and at + 1 < len(content) and content[at + 1] >= 0xA1:
            pairs, at = pairs + 1, at + 2
        else:
            alone, at = alone + 1, at + 1
    return pairs > alone
