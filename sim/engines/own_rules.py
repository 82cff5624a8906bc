"""Rules of one's own: functions that researchers name in a scenario, found, compiled and called by decisions.

A function of six integers that gives one, the score of a candidate; the highest goes first, and where scores are equal who would
have gone first without the rule. Marked ``@numba.njit`` it is compiled and runs in both engines; as plain Python it runs in the
reference engine.

    agent_score(waited, since, level, place, skills, free), of an idle agent who may take the call
        waited : ticks that the call has waited; since : the tick since which he is idle (with "longest idle"), or his ticks with
        calls so far (with "least occupied"); level : of his skill, 1 to 5; place : of his group in the call's order, 0 first
        skills : how many he has; free : how many of his group are idle
    call_score(waited, length, priority, rank, queue, free), of the head of a queue whom a freed agent may take
        waited : ticks since queue entry, and the head start; length : how many wait in the queue; priority : of its calls
        rank : of the skill in the agent's group, 0 first; queue : its number, that of the call type where labels change nothing
        free : how many of his group are idle beside him
"""

from __future__ import annotations

import ctypes
import importlib
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from sim.engines.decisions import NO_SCORE
from sim.scenario.errors import CallsimError, Problem, ScenarioError
from sim.scenario.paths import join
from sim.scenario.routing import Rule
from sim.scenario.scenario import Scenario

FACTS = 6  # that a rule is told
NO_RULE = 0
_KEYS = ("agent_score", "call_score")
_found: dict[str, OwnRule] = {}
_failed: list[tuple[str, BaseException]] = []  # what plain Python rules have raised, for `failed`


class OwnRule(NamedTuple):
    """address : where decisions call it; plain : whether it is plain Python; kept : what must not be collected meanwhile"""

    address: int
    plain: bool
    kept: Any


def rules_of(scenario: Scenario) -> tuple[int, int]:
    """The addresses of the scenario's rules for agents and for calls, NO_RULE for none.

    Raises ScenarioError naming a module or function that cannot be found.
    """
    given = [getattr(scenario.routing, key) for key in _KEYS]
    agent, call = (NO_RULE if one is None else _rule(one, key).address for one, key in zip(given, _KEYS, strict=True))
    return agent, call


def plain_rule(scenario: Scenario) -> str | None:
    """The first of the scenario's rules that is plain Python, and so needs the reference engine."""
    for key in _KEYS:
        given = getattr(scenario.routing, key)
        if given is not None and _rule(given, key).plain:
            return str(given.rule)
    return None


def say_plain(rule: str) -> None:
    """Warn that the reference engine simulates."""
    text = f'the rule "{rule}" is plain Python: the reference engine simulates; with @numba.njit the compiled one does'
    warnings.warn(text, OwnRuleWarning, stacklevel=3)


class RuleFailedError(CallsimError):
    """A rule of one's own has raised an error; `failed` says which."""


def failed(scenario: Scenario) -> CallsimError:
    """What is said of a rule that has raised an error."""
    if _failed:
        name, error = _failed[-1]
        _failed.clear()
        return CallsimError(f'the rule "{name}" failed: {type(error).__name__}: {error}')
    names = [given.rule for key in _KEYS if (given := getattr(scenario.routing, key)) is not None]
    said = "compiled it cannot say why: call it from Python, or without njit"
    return CallsimError(f'the rule "{" or ".join(names)}" failed; {said}')


class OwnRuleWarning(UserWarning):
    """What is said of a rule of one's own."""


def _rule(given: Rule, key: str) -> OwnRule:
    if given.rule not in _found:
        try:
            _found[given.rule] = _made(given.rule, _function(given.rule))
        except _NoRuleError as error:
            path = join(("routing", key, "rule"))
            raise ScenarioError([Problem(path, str(error), found=given.rule, hint="module:function")]) from error
    return _found[given.rule]


class _NoRuleError(Exception):
    pass


def _function(rule: str) -> Callable[..., int]:
    module, _, name = rule.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)  # a command's own path has not the folder it is run in
    try:
        found = getattr(importlib.import_module(module), name)
    except ImportError as error:
        raise _NoRuleError(f"cannot import {module}: {error}") from error
    except AttributeError as error:
        raise _NoRuleError(f'module {module} has no "{name}"') from error
    if not callable(found):
        raise _NoRuleError(f'"{name}" in {module} is no function')
    return found  # type: ignore[no-any-return]  # what a user's module holds


def _guarded(function: Any) -> Callable[..., int]:
    """The rule, which gives NO_SCORE where it raises an error: one must not leave a function that is called by its address."""
    none = int(NO_SCORE)

    def entry(a: int, b: int, c: int, d: int, e: int, f: int) -> int:
        try:
            return int(function(a, b, c, d, e, f))
        except Exception:
            return none

    return entry


def _made(rule: str, function: Any) -> OwnRule:
    import numba

    if hasattr(function, "py_func") and not numba.config.DISABLE_JIT:  # type: ignore[attr-defined]  # set at run time
        try:
            compiled = numba.cfunc("int64(" + ", ".join(["int64"] * FACTS) + ")")(_guarded(function))
        except numba.core.errors.NumbaError as error:
            raise _NoRuleError(f"cannot be compiled as a function of {FACTS} integers: {str(error).splitlines()[0]}") from error
        return OwnRule(compiled.address or NO_RULE, False, compiled)
    plain = getattr(function, "py_func", function)

    def called(*facts: int) -> int:
        try:
            return int(plain(*facts))
        except BaseException as error:  # ctypes would swallow it
            _failed.append((rule, error))
            return int(NO_SCORE)

    signature = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_int64] * FACTS)
    entry = signature(called)
    return OwnRule(ctypes.cast(entry, ctypes.c_void_p).value or NO_RULE, not hasattr(function, "py_func"), entry)
