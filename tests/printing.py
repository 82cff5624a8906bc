"""Printing: how many sheets of paper a page takes, by a browser where there is one."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")


def sheets(page: Path) -> int:
    """Sheets on which the browser prints the page; the test is skipped where there is no browser that prints to a file."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        pytest.skip(f"no browser that prints a page is on this machine: {', '.join(BROWSERS)}")
    paper = page.with_suffix(".pdf")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={paper}"]
    run = subprocess.run([browser, *options, page.as_uri()], capture_output=True, text=True, check=False, timeout=300)
    assert paper.is_file(), run.stderr[-2000:]
    counts = re.findall(rb"/Type\s*/Pages\b[^>]*?/Count\s+(\d+)|/Count\s+(\d+)[^>]*?/Type\s*/Pages\b", paper.read_bytes())
    return max(int(one or other) for one, other in counts)
