"""Documents: what docs/json.md says of every command is what the command prints."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from experiments.cli.main import COMMANDS, main

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "json.md").read_text(encoding="utf-8")
STORY = "golden-club"
WORDS = {
    "compare": ["compare", STORY, "--days", "2", "--jobs", "1"],
    "run": ["run", STORY, "--days", "2", "--jobs", "1"],
    "show": ["show", STORY],
    "lint": ["lint", STORY],
    "trace": ["trace", STORY, "--call", "3"],
    "erlang": ["erlang", "--calls", "100", "--aht", "200", "--agents", "12"],
    "measures": ["measures"],
    "warmup": ["warmup"],
    "gate": ["gate", STORY],
    "explain": ["explain", STORY, "--days", "2"],
}


def documented(schema: str) -> set[str]:
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{schema}`")]
    found = re.findall(r"`([a-z_]+)`", row.split("|")[2])
    return set(found) | (documented("callsim/compare/1") if "as compare" in row else set())


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    with pytest.raises(SystemExit):
        main([*words, "--json"])
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("command", WORDS)
def test_a_document_has_the_keys_that_the_page_lists(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, *WORDS[command])
    assert found["schema"] == f"callsim/{command}/1"
    assert set(found) - {"schema"} == documented(f"callsim/{command}/1") - {"remarks", "rows"} | (
        {"rows"} if command == "compare" else set()
    )


def test_documents_that_write_files_have_the_keys_that_the_page_lists(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, day = str(tmp_path / "log.csv"), "2026-03-12"
    assert set(printed(capsys, "init", str(tmp_path / "new"))) - {"schema"} == documented("callsim/init/1")
    printed(capsys, "run", STORY, "--days", "1", "--jobs", "1", "--log", log)
    measured = printed(capsys, "calibrate", log, "-o", str(tmp_path / "story"))
    assert set(measured) - {"schema"} == documented("callsim/calibrate/1")
    exported = printed(capsys, "export", log, "-o", str(tmp_path / "intervals.csv"))
    assert set(exported) - {"schema"} == documented("callsim/export/1")
    assert documented("callsim/backtest/1") == set(backtested(tmp_path, capsys)) - {"schema"}
    again = printed(capsys, "replay", log, "--day", day, "--days", "2", "--jobs", "1")
    assert set(again) - {"schema"} == documented("callsim/replay/1")


def backtested(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    """Of a log of two Thursdays."""
    parts = []
    for day in ("2026-03-12", "2026-03-19"):
        path = tmp_path / f"{day}.csv"
        printed(capsys, "run", STORY, "--set", f"calendar.start={day}", "--days", "1", "--jobs", "1", "--log", str(path))
        parts.append(path.read_text() if not parts else path.read_text().split("\n", 1)[1])
    whole = tmp_path / "two.csv"
    whole.write_text("".join(parts))
    return printed(capsys, "backtest", str(whole), "--days", "2", "--jobs", "1")


def test_every_command_takes_json_and_has_a_schema_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        with pytest.raises(SystemExit):
            main([command, "--help"])
        assert "--json" in capsys.readouterr().out, command
        assert command == "schema" or f"callsim/{command}/" in PAGE


README = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")


def test_the_readme_shows_what_its_first_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    shown = README.partition("pasted as printed -->\n")[2].partition("<!-- /main-job -->")[0]
    with pytest.raises(SystemExit):
        main(["compare", "outage-surge"])
    printed_now = capsys.readouterr().out.rstrip("\n").split("\n")
    assert [line.removeprefix("    ") for line in shown.rstrip("\n").split("\n")] == printed_now


def test_the_python_of_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(re.sub(r"replications=\d+", "replications=3", block), "README.md", "exec"), {})
    assert capsys.readouterr().out
