"""Reading bytes and text, with errors that say what to do about it."""

from __future__ import annotations

import codecs
import errno
import gzip
import zlib
from pathlib import Path

from sim.scenario.errors import CannotFinishError, Problem, ScenarioError

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def wrong(place: str | Path, message: str, *, found: str = "", hint: str = "") -> ScenarioError:
    """A ScenarioError with one problem about a file."""
    return ScenarioError([Problem("", message, found=found, hint=hint, place=str(place))])


def read_bytes(path: Path) -> bytes:
    """The content of a file; raises ScenarioError when there is none, CannotFinishError when it cannot be read."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise wrong(path, "no such file", hint=_beside(path)) from None
    except (IsADirectoryError, NotADirectoryError):
        raise wrong(path, "is a folder, not a file" if path.is_dir() else "no such file") from None
    except PermissionError:
        if path.is_dir():  # Windows says it so
            raise wrong(path, "is a folder, not a file") from None
        raise CannotFinishError(f"{path}: may not be read; if it is open in Excel, save and close it") from None
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG or error.errno == errno.EINVAL:
            raise wrong(path, "no such file") from None
        raise CannotFinishError(f"{path}: cannot be read ({error.strerror})") from None
    except ValueError:
        raise wrong(repr(str(path)), "is no name of a file") from None
    if not content.strip():
        raise wrong(path, "is empty")
    return content


def _beside(path: Path) -> str:
    from sim.scenario.paths import nearest

    if not path.parent.is_dir():
        return f"there is no folder {path.parent}"
    hint = nearest(path.name, (one.name for one in path.parent.iterdir() if one.is_file()))
    return hint if hint.startswith("did") else ""


def read_text(path: Path) -> str:
    """The text of a file that may be packed with gzip; raises as `read_bytes` and `decode`."""
    content = read_bytes(path)
    if content.startswith(b"\x1f\x8b"):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error):
            raise wrong(path, "is a damaged .gz file") from None
    return decode(content, path)


def decode(content: bytes, path: Path) -> str:
    """Text of a table: UTF-8 or UTF-16 with or without a mark, GB18030, or Windows-1252; raises ScenarioError."""
    if content.startswith(_WORKBOOKS):
        raise wrong(path, "is an Excel workbook, not text", hint="name it .xlsx or .xls, or save it as CSV")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strictly(content, "utf-16", path)
    if b"\x00" in content:
        half = content[1::2].count(0), content[::2].count(0)
        if max(half) > len(content) // 4 and min(half) == 0:
            return _strictly(content, "utf-16-le" if half[0] else "utf-16-be", path)
        raise wrong(path, "is not a text file")
    for encoding in ("utf-8-sig", "gb18030" if _chinese(content) else "cp1252", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not any(ord(letter) < 32 and letter not in "\t\n\r\f" for letter in text):
            return text
    raise wrong(path, "is not a text file")


def _strictly(content: bytes, encoding: str, path: Path) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise wrong(path, "is not a text file") from None


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
