"""What callers and agents may do in the random call centers of `strategies`."""

from __future__ import annotations

from hypothesis import strategies as st

from sim.scenario.calendar import Calendar
from sim.scenario.demand import Busyness
from sim.scenario.distributions import Deterministic
from sim.scenario.outbound import Outbound
from sim.scenario.reactions import WORDS, Next, Reaction
from sim.scenario.selling import Offer
from sim.scenario.series import Series, ShareSeries
from sim.scenario.tickets import Ticket
from sim.scenario.transfers import HOW, Transfer
from sim.scenario.waiting import Announcement, Callback

TICK = 1e-6
DAY = 86_400  # seconds; on a second day the same ticks, so many seconds later

_golden = st.sampled_from([{}, {"segment": "golden"}])


def law(most: int) -> st.SearchStrategy[Deterministic]:
    return st.builds(lambda n: Deterministic(value=n * TICK), st.integers(0, most))


def ticks_of(draw: st.DrawFn, most: int) -> Deterministic:
    return Deterministic(value=draw(st.integers(0, most)) * TICK)


@st.composite
def lasting(draw: st.DrawFn, calendar: Calendar, intervals: int) -> dict[str, object]:
    """By what a call type's talk is multiplied; parts of 5 ticks, longer where intervals are."""
    hours = st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0]), min_size=intervals, max_size=intervals)
    swing = st.sampled_from([Busyness(), Busyness(cv=0.5), Busyness(cv=0.5, part=calendar.interval * 5 / 8, correlation=0.5)])
    return {"talk_factor": Series(per_interval=tuple(draw(hours))), "talk_swing": draw(swing)}


@st.composite
def reactions(draw: st.DrawFn, types: list[str], groups: list[str]) -> dict[str, object]:
    """What a call type's callers do when a call is over, and what their later calls are like."""
    ends = draw(st.lists(st.sampled_from(WORDS), unique=True))
    given = {
        word: Reaction(
            chance=draw(st.sampled_from([0.0, 0.5, 0.9])),
            later=draw(st.sampled_from([None, 0.0, 0.5])),
            after=Deterministic(value=draw(st.integers(0, 6)) * TICK + draw(st.sampled_from([0, 0, 0, DAY]))),
            most=draw(st.sampled_from([None, 0, 1, 3])),
            **{"as": draw(st.none() | st.sampled_from(types))},
        )
        for word in ends
    }
    return {
        "patience": ticks_of(draw, 6), "balking": draw(st.sampled_from([0.0, 0.4])), "next": Next(**given),
        "solved": draw(st.sampled_from([1.0, 0.5, 0.0])), "solved_by": {name: 0.5 for name in groups[:1]},
        "opening": draw(st.integers(0, 5)) * TICK, "recognized": draw(st.sampled_from([0.0, 0.5, 1.0])),
    }  # fmt: skip


@st.composite
def waiting(draw: st.DrawFn) -> dict[str, object]:
    """What a call type's callers are told who have to wait, and offered."""
    predictor = st.sampled_from(["last wait", "head of queue", "queue length"])
    announced = draw(st.none() | st.builds(Announcement, by=predictor, heeded=st.sampled_from([0.0, 0.7])))
    if draw(st.booleans()):
        return {"announced": announced}
    callback = Callback(
        wait=draw(st.sampled_from([0, 0, 3])) * TICK, queue=draw(st.integers(0, 2)),
        accepted=draw(st.sampled_from([0.5, 1.0])), after=ticks_of(draw, 4), dial=ticks_of(draw, 3),
        reached=ShareSeries(per_interval=draw(st.sampled_from([0.0, 0.5, 1.0]))), tries=draw(st.integers(1, 3)),
        again_after=ticks_of(draw, 6), within=draw(st.integers(0, 6)) * TICK,
    )  # fmt: skip
    return {"announced": announced, "callback": callback}


@st.composite
def transfers(
    draw: st.DrawFn, types: list[str], groups: list[str], labeled: bool, called_back: str | bool
) -> tuple[Transfer, ...]:
    """What agents do with a type's calls instead of ending them; `called_back` : the type, if its callers are."""
    found = []
    for i in range(draw(st.integers(0, 3))):
        how = draw(st.sampled_from([one for one in HOW if one != "callback" or called_back]))
        found.append(
            Transfer(
                name=f"transfer {i}", how=how, chance=draw(st.sampled_from([0.3, 0.33])),
                to=None if how == "lost" else called_back if how == "callback" else draw(st.sampled_from(types)),
                by=draw(st.none() | st.just(tuple(groups[:1]))), labels=draw(_golden) if labeled else {},
                waited=draw(st.integers(0, 4)) * TICK, if_waited=draw(st.sampled_from([1.0, 3.0])),
                if_again=draw(st.sampled_from([1.0, 0.0, 3.0])), after=draw(st.none() | law(6)),
                if_unknown=how == "consult" and draw(st.sampled_from([False, False, True])),
                handover=Deterministic(value=draw(st.integers(1, 4)) * TICK), give_up=draw(st.integers(0, 6)) * TICK,
            )
        )  # fmt: skip
    return tuple(found)


@st.composite
def tickets(draw: st.DrawFn, work: list[str], groups: list[str]) -> tuple[Ticket, ...]:
    """The work that calls of a type leave behind."""
    return tuple(
        Ticket(
            name=f"ticket {i}", chance=draw(st.sampled_from([0.4, 0.5])), by=draw(st.none() | st.just(tuple(groups[:1]))),
            when=draw(st.sampled_from(["answered", "solved", "unsolved"])), after=draw(law(6)),
            **{"as": draw(st.sampled_from(work))},
        )
        for i in range(draw(st.integers(0, 2)))
    )  # fmt: skip


@st.composite
def offers(draw: st.DrawFn, groups: list[str], labeled: bool) -> tuple[Offer, ...]:
    """What agents offer a type's callers before they go."""
    return tuple(
        Offer(
            name=f"offer {i}", chance=draw(st.sampled_from([0.3, 0.5])), by=draw(st.none() | st.just(tuple(groups[:1]))),
            labels=draw(_golden) if labeled else {}, talk=draw(law(6)), success=draw(st.sampled_from([0.0, 0.5, 1.0])),
            value=draw(st.sampled_from([0.0, 2.5])),
        )
        for i in range(draw(st.integers(0, 2)))
    )  # fmt: skip


@st.composite
def contact_list(draw: st.DrawFn, calendar: Calendar) -> Outbound:
    """A list whose contacts are on the hand-made tape."""
    since = draw(st.integers(4, 20))
    return Outbound(
        contacts=0, **{"from": since * TICK},
        to=draw(st.sampled_from([calendar.closes, (since + 9) * TICK, (since + 20) * TICK])),
        mode=draw(st.sampled_from(["manual", "preview", "progressive"])), prepare=draw(law(3)), dial=draw(law(3)),
        misdialed=draw(st.sampled_from([0.0, 0.3])), short=draw(law(2)), later_after=draw(law(6)), again_after=draw(law(6)),
        reached=ShareSeries(per_interval=draw(st.sampled_from([0.0, 0.6, 1.0]))), tries=draw(st.integers(1, 3)),
        wrong=draw(st.sampled_from([0.0, 0.3])), later=draw(st.sampled_from([0.0, 0.4])),
    )  # fmt: skip
