"""Whether concurrency makes sense: chats that somebody takes, calls beside them, a factor for each number in hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.scenario.errors import Problem
from sim.scenario.fitting import least, most, names, refers, warning
from sim.scenario.paths import join

MOST_SLOWDOWN = 100.0


def concurrency_problems(scenario: Any) -> Iterable[Problem]:
    """What is wrong with the concurrency of groups, and with what is said of chats."""
    chats = {kind.name for kind in scenario.call_types if kind.contact == "chat"}
    for kind in scenario.call_types:
        if kind.name in chats and kind.callback is not None:
            hint = 'say in `next` who calls, or offer a link: ivr.deflections with where = "queue"'
            yield Problem(join(("call_types", kind.name, "callback")), "nobody is called back who chats", hint=hint)
    for group in scenario.groups:
        if group.concurrency is not None:
            yield from _concurrency(scenario, group, chats)


def _concurrency(scenario: Any, group: Any, chats: set[str]) -> Iterable[Problem]:
    here, given = ("groups", group.name, "concurrency"), group.concurrency
    for name, beside in given.beside.items():
        path = (*here, "beside", name)
        unknown = refers(name, names(scenario.call_types), path, "call type")
        yield from unknown
        if name in chats:
            yield Problem(join(path), f'"{name}" is a chat: how many there may be is said by `chats`')
        elif not unknown and name not in group.ranks():
            yield Problem(join(path), f'group "{group.name}" does not have the skill "{name}"')
        if beside > given.chats:
            yield Problem(join(path), f"at most {given.chats} chats are handled at once", found=str(beside))
    if given.slowdown and len(given.slowdown) != given.most:
        message = f"needs a factor for each number in hand: {given.most} of them, for 1 to {given.most}"
        yield Problem(join((*here, "slowdown")), message, found=f"{len(given.slowdown)}")
    for at, factor in enumerate(given.slowdown):
        found = f"{least(factor):g}" if least(factor) == most(factor) else f"{least(factor):g} to {most(factor):g}"
        if at == 0 and not least(factor) == most(factor) == 1:
            yield Problem(join((*here, "slowdown", "0")), "must be 1: alone a contact takes its handle time", found=found)
        elif least(factor) <= 0 or most(factor) > MOST_SLOWDOWN:
            yield Problem(join((*here, "slowdown", str(at))), f"must be above 0 and {MOST_SLOWDOWN:g} at the most", found=found)


def concurrency_warnings(scenario: Any) -> Iterable[Problem]:
    """What is said of concurrency and never acts, or helps nobody."""
    chats = {kind.name for kind in scenario.call_types if kind.contact == "chat"}
    for group in scenario.groups:
        given, here = group.concurrency, ("groups", group.name, "concurrency")
        if given is None:
            continue
        if not chats.intersection(group.ranks()):
            message = 'the group has no skill in chats (contact = "chat"): one contact at a time is handled, as without'
            yield warning(here, message)
        for at, factor in enumerate(given.slowdown):
            if least(factor) > at + 1:
                message = f"{at + 1} at a time, each {least(factor):g} times as long, take longer than one after the other"
                yield warning((*here, "slowdown", str(at)), message)
                break
