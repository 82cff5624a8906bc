"""Wrong scenario files: every message names the place, the value and what is allowed; exit code 2, nothing run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from experiments.cli.main import main

BASE = """name = "small day"
[calendar]
start = 2026-03-12
opens = "09:00"
closes = "11:00"
[[call_types]]
name = "questions"
arrivals = { per_hour = 90 }
talk = { exponential = { mean = "3m" } }
[[groups]]
name = "desk"
skills = ["questions"]
agents = 5
"""


def call(capsys: pytest.CaptureFixture[str], *words: object, code: int = 2) -> str:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    said = capsys.readouterr()
    text = said.out + said.err
    assert ended.value.code == code, text
    assert "Traceback" not in text and "please report it" not in text
    return text


WRONG = [
    ("talk =", "tlak =", ':9: call_types.questions.tlak: no such key; did you mean "talk"?'),
    ("talk =", "tlak =", ":6: call_types.questions.talk: is missing"),
    ("per_hour = 90", "per_hour = -90", ":8: call_types.questions.arrivals.per_hour: must be a number not below 0; found -90"),
    ("per_hour = 90", "per_hour = nan", "must be a number not below 0; found nan"),
    ("agents = 5", "agents = inf", ":13: groups.desk.agents: must be a number not below 0; found inf"),
    ("agents = 5", "agents = []", ":13: groups.desk.agents: must not be empty"),
    ("agents = 5", "agents = [1, 2]", "must have 4 numbers, one per 30m from 09:00 to 11:00; found 2"),
    ("agents = 5", 'agents = { per_interval = [1, 2], every = "35m" }', "must divide the time from opens to closes"),
    ("agents = 5", 'agents = "five"', ":13: groups.desk.agents"),
    ('skills = ["questions"]', 'skills = ["question"]', 'no call type "question"; did you mean "questions"?'),
    ('skills = ["questions"]', "skills = []", ":12: groups.desk.skills: must not be empty"),
    ('closes = "11:00"', 'closes = "08:00"', ":2: calendar: closes (08:00) must be after opens (09:00)"),
    ('closes = "11:00"', 'closes = "49:00"', ":5: calendar.closes"),
    ('closes = "11:00"', 'closes = "11:10"', "interval must divide the time from opens to closes"),
    ("per_hour = 90", "per_hour = { low = 9, high = 3 }", "must have low <= likely <= high"),
    ("per_hour = 90", "per_hour = { low = 9, likely = 100, high = 30 }", "must have low <= likely <= high"),
    ('mean = "3m"', 'mean = "3 parsecs"', ":9: call_types.questions.talk.exponential.mean"),
    ("exponential", "exponentail", 'did you mean "exponential"?'),
    ("start = 2026-03-12", 'start = "soon"', ":3: calendar.start"),
    ("agents = 5", "agents = ", ":13:10: is not TOML"),
    ("agents = 5", "agents = 5\nagents = 6", ":14"),
    ('name = "desk"', 'name = ""', ":11: groups"),
    ("talk =", 'busyness.correlation = 1.2\ntalk =',
     ":9: call_types.questions.busyness.correlation: must be a number from 0 to below 1; found 1.2"),
    ("talk =", 'busyness = { cv = 0.1, part = "5m", correlation = 1 }\ntalk =',
     ":9: call_types.questions.busyness.correlation: must be a number from 0 to below 1; found 1"),
    ("[[groups]]", '[[factors]]\nname = "hours"\ncv = 0.1\ncorrelation = 0.9\n[[groups]]',
     ':13: factors.hours.correlation: must be 0 where part is "day"; found 0.9; give the parts'),
    ("[[groups]]", '[[factors]]\nname = "level"\ncv = 0.1\npart = "1h"\nday_to_day = 0.9\n[[groups]]',
     ':14: factors.level.day_to_day: goes with part = "day", for it is the correlation of days; leave the part out'),
    ("talk =", 'busyness.day_to_day = -0.1\ntalk =',
     ":9: call_types.questions.busyness.day_to_day: must be a number from 0 to below 1; found -0.1"),
    ("[[groups]]", '[[factors]]\nname = "hours"\ncv = 0.1\npart = "1h"\ncorrelation = { low = 0.5, high = 1 }\n[[groups]]',
     ":14: factors.hours.correlation: must be a number from 0 to below 1"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "said"), WRONG, ids=[f"{wrong[:28]}-{i}" for i, (_, wrong, _) in enumerate(WRONG)])
def test_a_wrong_value_is_named_with_its_line_path_and_what_is_allowed(
    right: str, wrong: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "day.toml"
    path.write_text(BASE.replace(right, wrong, 1))
    for command in (("lint", path), ("run", path, "--days", 1)):
        text = call(capsys, *command)
        assert said in text and "day.toml" in text


def test_all_problems_are_said_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "day.toml"
    path.write_text(BASE.replace("per_hour = 90", "per_hour = -1").replace("agents = 5", "agents = nan").replace("talk", "tlak"))
    text = call(capsys, "lint", path)
    assert text.count("day.toml:") >= 4 and "4 errors" in text


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "is empty"), (b"\x80\x81\xfe\xff\x00", "is not a text file in UTF-8"), (b"[[[", "is not TOML")],
)
def test_a_file_that_is_no_scenario_is_refused(
    content: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "day.toml"
    path.write_bytes(content)
    assert said in call(capsys, "run", path)


@pytest.mark.parametrize("setting", ["teams.spring course.knowledge=45", "shifts.A.to=25", "teams.red.hired=soon"])
def test_a_wrong_value_of_people_is_said_alone(setting: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And not that groups are empty without them, or shifts unknown."""
    said = call(capsys, "run", "new-hires", "--set", setting)
    assert said.count("\n") <= 1 and setting.split("=")[0] in said


def test_a_warning_about_a_policy_names_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(Path(__file__).resolve().parent.parent / "scenarios" / "new-hires", tmp_path / "story")
    dropped = 'name = "nobody new"\n[[teams]]\nname = "spring course"\ndrop = true\n'
    (tmp_path / "story" / "policies" / "nobody.toml").write_text(dropped)
    said = call(capsys, "lint", tmp_path / "story", code=0)
    assert 'learning: with policy "nobody": nobody has a day on which he was `hired`' in said and "0 errors, 1 warning" in said


def test_missing_files_folders_and_stories_are_refused_with_what_there_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stories = (
        "attendance, breaks, callback, chats, consolidation, golden-club, hotline-10060, ivr-diversion, ivr-restart, junk-calls, "
        "language-shortage, new-hires, outage-surge, outbound-beside-inbound, redial-storm, shift-fit, skill-levers, "
        "tickets-and-visits, two-tenants, under-staffed"
    )
    said = call(capsys, "run", tmp_path / "none.toml")
    assert f"no such file, folder or shipped story; shipped stories: {stories}" in said
    assert "the folder has no scenario.toml" in call(capsys, "run", tmp_path)
    assert 'did you mean "outage-surge"' in call(capsys, "run", "outage-surg")


def test_a_type_that_nobody_serves_is_a_warning_with_its_consequence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "day.toml"
    path.write_text(BASE.split("[[groups]]")[0])
    text = call(capsys, "lint", path, code=0)
    assert "nobody serves it: every call of it waits for ever; 180 calls a day" in text and "0 errors" in text


def test_per_hour_as_a_list_says_what_it_adds_up_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "day.toml"
    path.write_text(BASE.replace("per_hour = 90", "per_hour = [400, 500, 450, 410]"))
    assert "per_hour adds up to 880 calls a day" in call(capsys, "lint", path, code=0)


def test_two_policies_of_one_name_are_refused_naming_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "story"
    (folder / "policies").mkdir(parents=True)
    (folder / "scenario.toml").write_text(BASE)
    for name in ("a", "b"):
        (folder / "policies" / f"{name}.toml").write_text('name = "more"\n[lines]\ntrunks = 3\n')
    for words in (("lint", folder), ("compare", folder, "--days", 1)):
        text = call(capsys, *words)
        assert "two policies of one name" in text and "a.toml" in text and "b.toml:1" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "--days", "0"), "--days: must be 1 or more; found 0; nothing was run"),
        (("run", "--days", "x"), "'--days'"),
        (("run", "--dayz", "3"), "No such option: --dayz"),
        (("run", "--jobs", "0"), "--jobs: must be 1 or more; found 0"),
        (("run", "--seed", "-1"), "--seed"),
        (("run", "--measure", "answerrate"), 'no measure "answerrate"; did you mean "answer_rate"?'),
        (("run", "--set", "lines.trunk=3"), 'lines.trunk: no such value in a scenario; did you mean "trunks"?'),
        (("run", "--set", "lines.trunks"), "must be PATH=VALUE"),
        (("run", "--set", "groups.desk.agents.plus=many"), "groups.desk.agents"),
        (("run", "--log", "log.txt"), "must end in .csv"),
        (("run", "--log", "nowhere/log.csv"), "there is no folder nowhere"),
        (("run", "--figure", "figure.gif"), "must end in .png, .svg, .pdf"),
        (("run", "--chart", "pie", "--figure", "f.png"), "there is answer-rate, heads, waits"),
        (("compare",), "has no policies to compare"),
        (("compare", "--precision", "-1"), "--precision: must be above 0; found -1"),
        (("compare", "--margin", "nan"), "--margin: must not be below 0; found nan"),
        (("trace", "--call", "99999"), "no call '99999' on day 0"),
    ],
)
def test_wrong_options_are_refused_before_anything_runs(
    words: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "day.toml").write_text(BASE)
    command, *options = words
    if command == "compare" and options:
        shutil.copytree(Path(__file__).resolve().parent.parent / "scenarios" / "golden-club", tmp_path / "story")
    story = "story" if command == "compare" and options else "day.toml"
    assert said in call(capsys, command, story, *options)
    assert sorted(one.name for one in tmp_path.iterdir()) in (["day.toml"], ["day.toml", "story"])


def test_an_unknown_command_and_policy_are_refused_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert 'no command "runn"; did you mean "run"?' in call(capsys, "runn")
    text = call(capsys, "compare", "outage-surge", "--policies", "overtim")
    assert 'did you mean "overtime"?' in text
    assert "is named twice" in call(capsys, "compare", "outage-surge", "--policies", "both,both")
