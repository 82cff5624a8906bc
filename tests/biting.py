"""Biting: random days, of which each wrong rule of the compiled engine has to make another one. In a process of its own, as
plain Python: ``python -m tests.biting MOST`` prints the rules that the first MOST days did not catch, as a list in JSON.

A day is made, and simulated by the reference engine, once for all rules that are not caught yet: that is most of the work.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType

from hypothesis import Phase, given, settings

from sim.chance import Tape
from sim.engines import simulate
from sim.scenario.scenario import Scenario
from tests.test_compiled import WRONG_RULES, assert_compiled, hard_cases

ENGINES = "sim.engines"
_IMPORTS = re.compile(rf"^\s*from {ENGINES}(?:\.(\w+))? import ([\w, ]+)", re.MULTILINE)
Modules = dict[str, ModuleType]


class AllCaughtError(Exception):
    """No rule is left: no further day is needed."""


def source(name: str) -> str:
    found = importlib.util.find_spec(name)
    assert found is not None and found.origin is not None, name
    return Path(found.origin).read_text(encoding="utf-8")


def made_of(name: str, modules: list[str]) -> set[str]:
    """The module and all of these that import it, or one that does."""
    needs = {one: set[str]() for one in modules}
    for one in modules:
        for module, words in _IMPORTS.findall(source(one)):
            needs[one] |= {f"{ENGINES}.{word}" for word in ([module] if module else words.split(", "))}
    found = {name}
    while more := {one for one in modules if needs[one] & found} - found:
        found |= more
    return found


def wrong_engine(name: str, old: str, new: str) -> Modules:
    """The modules of a compiled engine in which `new` stands for `old` in one of them; the others are those that are there."""
    text = source(name)
    assert text.count(old) == 1, f"{name} has it {text.count(old)} times: {old}"
    found = importlib.util.find_spec(name)
    assert found is not None and found.origin is not None
    others = made_of(name, [one for one in sys.modules if one.startswith(f"{ENGINES}.")])
    with replaced(dict.fromkeys(others)):
        module = sys.modules[name] = importlib.util.module_from_spec(found)
        exec(compile(text.replace(old, new), found.origin, "exec"), module.__dict__)
        importlib.import_module(f"{ENGINES}.compiled")
        return {one: sys.modules[one] for one in others if one in sys.modules}


@contextmanager
def replaced(modules: Modules | dict[str, None]) -> Iterator[None]:
    """These modules are imported, or with None not yet, until the end; then those that were before."""
    before = {name: sys.modules.pop(name) for name in modules if name in sys.modules}
    sys.modules.update({name: module for name, module in modules.items() if module is not None})
    try:
        yield
    finally:
        for name in modules:
            sys.modules.pop(name, None)
        sys.modules.update(before)


def not_caught(most: int) -> list[str]:
    """The rules that `most` random days do not catch."""
    importlib.import_module(f"{ENGINES}.compiled")
    left = {rule: wrong_engine(*change) for rule, change in WRONG_RULES.items()}

    @settings(max_examples=most, phases=[Phase.generate], derandomize=True, database=None, deadline=None)
    @given(hard_cases())
    def check(case: tuple[Scenario, Tape]) -> None:
        right = simulate(*case, engine="reference")
        for rule, modules in list(left.items()):
            with replaced(modules):
                try:
                    assert_compiled(right, *case)
                except (AssertionError, IndexError):
                    del left[rule]
        if not left:
            raise AllCaughtError

    with suppress(AllCaughtError):
        check()
    return list(left)


if __name__ == "__main__":
    assert os.environ.get("NUMBA_DISABLE_JIT") == "1"  # an edited rule would be compiled for minutes
    print(json.dumps(not_caught(int(sys.argv[1]))))
