"""Parquet: the columns of a file, for who has installed pyarrow."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from sim.files.reading import read_bytes, wrong
from sim.scenario.errors import CallsimError

PARQUET = ".parquet"  # how such a file ends


def read_parquet(path: Path) -> dict[str, list[Any]]:
    """Column -> values, None where nothing stands; raises CallsimError where pyarrow is not installed, else as `read_bytes`."""
    pyarrow = parquet_library()
    content = read_bytes(path)
    try:
        table = pyarrow.parquet.read_table(io.BytesIO(content))
        columns = dict(zip(table.column_names, (column.to_pylist() for column in table.columns), strict=True))
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError):
        raise wrong(path, "is not a Parquet file, or a damaged one") from None
    if len(columns) < len(table.column_names):
        raise wrong(path, "has two columns of one name", found=", ".join(table.column_names))
    return columns


def parquet_library() -> Any:
    """pyarrow with its module `parquet`; raises CallsimError where it is not installed."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise CallsimError('Parquet needs pyarrow: pip install "callsim[parquet]"') from None
    return pyarrow
