"""What must hold of every day, whatever the call center: conservation, no lost agents, censoring, order."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings

from sim.calls import NONE, Came, Outcome, State
from sim.chance.tape import Tape
from sim.engines import simulate
from sim.engines.decisions import OF
from sim.engines.plan import plan
from sim.engines.pools import pools_of
from sim.engines.staffing import ALL_ENDS, DAY_ENDS, borders, day_steps
from sim.scenario.calendar import A_DAY
from sim.scenario.callers import CallType
from sim.scenario.horizon import hours
from sim.scenario.reactions import REDIALS
from sim.scenario.scenario import Scenario
from sim.scenario.units import NEVER, ticks
from tests.strategies import cases, scenarios

PROMISED = (Outcome.CALLED_BACK, Outcome.CALLBACK_MISSED)
OFFERED = (Outcome.BALKED, Outcome.DEFLECTED, Outcome.ABANDONED, Outcome.ANSWERED, *PROMISED)


@given(cases())
def test_every_call_has_one_outcome_and_its_times_fit_it(case: tuple[Scenario, Tape]):
    scenario, tape = case
    calls = simulate(scenario, tape).calls
    assert set(calls.outcome) <= {int(outcome) for outcome in Outcome}
    assert len(calls) >= len(tape)
    assert len(set(calls.number)) == len(calls)
    answered = np.isin(calls.outcome, (Outcome.ANSWERED, Outcome.CALLED_BACK))
    assert np.array_equal(calls.answer >= 0, answered)
    listed = np.array([kind.contact == "outbound" for kind in scenario.call_types])[calls.call_type]
    assert np.array_equal((calls.accepted != NONE)[~listed], np.isin(calls.outcome, PROMISED)[~listed])
    assert set(calls.outcome[listed]) <= {*PROMISED, Outcome.STILL_THERE}
    assert np.all(calls.answer[answered] >= np.maximum(calls.queue_entry, calls.accepted)[answered])
    parted = np.where(calls.handed == NONE, calls.end, calls.handed)
    assert np.all(calls.release[answered] >= parted[answered])
    assert np.all(parted[answered] >= calls.answer[answered])
    assert np.all(calls.end >= parted)
    assert np.all(calls.end >= calls.arrival)
    asked = calls.queue_entry != NONE
    still = calls.outcome == Outcome.STILL_THERE
    assert np.array_equal(asked | still, np.isin(calls.outcome, OFFERED) | still)


@given(cases())
def test_patience_is_never_exceeded_and_who_hangs_up_hangs_up_when_it_ends(case: tuple[Scenario, Tape]):
    scenario, tape = case
    day = simulate(scenario, tape)
    calls, agents = day.calls, day.agents
    assert agents is not None
    rung = np.isin(calls.number, agents.call[agents.state == State.RING])  # nobody hangs up while it rings
    fresh = {int(number): row for row, number in enumerate(tape.number)}
    for row in np.flatnonzero(~rung):
        work = scenario.call_types[calls.call_type[row]].contact == "work"
        if calls.queue_entry[row] == NONE or calls.attempt[row] or calls.accepted[row] != NONE or work:
            continue
        patience = tape.patience[fresh[int(calls.number[row])]]
        left = calls.answer[row] if calls.answer[row] != NONE else calls.end[row]
        wait = left - calls.queue_entry[row]
        assert wait <= patience
        if calls.outcome[row] == Outcome.ABANDONED:
            assert wait == patience


@given(cases())
def test_nobody_does_two_things_at_once_and_all_busy_time_is_some_calls(case: tuple[Scenario, Tape]):
    scenario, tape = case
    day = simulate(scenario, tape)
    agents = day.agents
    assert agents is not None
    same = agents.agent[1:] == agents.agent[:-1]
    assert np.all(agents.since[1:][same] >= agents.until[:-1][same])
    assert np.all(agents.until > agents.since)
    assert day.legs is not None
    names = "answer", "release", "accepted", "group"
    of = {name: np.concatenate([getattr(day.calls, name), getattr(day.legs, name)]) for name in names}
    number = np.concatenate([day.calls.number, day.legs.call])
    parted = np.concatenate([np.where(day.calls.handed == NONE, day.calls.end, day.calls.handed), day.legs.end])
    most = np.array([1 if group.concurrency is None else group.concurrency.most for group in scenario.groups])
    several = np.array([group.concurrency is not None for group in scenario.groups])
    answered, length, busy = of["answer"] != NONE, agents.until - agents.since, np.isin(agents.state, (State.TALK, State.WRAP_UP))
    promised = np.isin(number, number[of["accepted"] != NONE])
    assert np.all(agents.contacts[busy] >= 1) and not agents.contacts[~busy].any()
    assert np.all(agents.contacts <= most[agents.group])
    alone, by_one = ~several[agents.group], answered & ~several[of["group"]]
    talking, talk = (agents.state == State.TALK) & alone, parted - of["answer"]
    to_promised = np.isin(agents.call, number[promised])
    assert length[talking & ~to_promised].sum() == talk[by_one & ~promised].sum()
    assert length[talking & to_promised].sum() >= talk[by_one & promised].sum()  # tries that reached nobody, too
    assert length[(agents.state == State.WRAP_UP) & alone].sum() == (of["release"] - parted)[by_one].sum()
    beside, by_several = (length * agents.contacts)[~alone].sum(), answered & several[of["group"]]
    handled = (of["release"] - of["answer"])[by_several].sum()
    assert beside >= handled if promised.any() else beside == handled


def _counted(scenario: Scenario, group: int) -> slice:
    """The numbers of a group's anonymous heads."""
    made = plan(scenario)
    return slice(int(made.agent_at[group]), int(made.agent_at[group + 1]))


@given(cases())
def test_as_many_are_on_the_phones_as_the_scenario_says_and_more_only_to_finish(case: tuple[Scenario, Tape]):
    scenario, tape = case
    day = simulate(scenario, tape)
    agents = day.agents
    assert agents is not None
    moments = np.unique([agents.since, agents.until, agents.since + 1, agents.until - 1])  # whenever anything changes
    for g, group in enumerate(scenario.groups):
        heads_of = np.arange(int(plan(scenario).agent_at[-1]))[_counted(scenario, g)]
        for n in range(scenario.calendar.days):
            steps, open_then = day_steps(scenario, group, n), hours(scenario, n)
            if open_then is None:
                continue
            since, until = (ticks(edge) + n * ticks(A_DAY) for edge in open_then)
            looks = {*moments[(moments >= since) & (moments < until)].tolist(), *(tick for tick, _ in steps)}
            for tick in looks:
                heads = [n for at, n in steps if at <= tick][-1]
                at = np.isin(agents.agent, heads_of) & (agents.since <= tick) & (tick < agents.until)
                assert at.sum() >= heads
                if at.sum() > heads and group.concurrency is None:
                    assert np.all(agents.state[at] != State.IDLE)
                elif at.sum() > heads:  # who is to go is known, and another may be idle
                    assert (agents.state[at] == State.IDLE).sum() <= heads


@given(cases())
def test_at_night_nobody_is_on_the_phones_but_to_finish(case: tuple[Scenario, Tape]):
    scenario, tape = case
    agents, borders_ = simulate(scenario, tape).agents, borders(scenario)
    assert agents is not None
    for at, border in enumerate(borders_):
        if border.what in (DAY_ENDS, ALL_ENDS):
            until = borders_[at + 1].time if at + 1 < len(borders_) else NEVER
            after = (agents.until > border.time) & (agents.since < until) & (agents.state <= State.WRAP_UP)
            assert np.all(agents.finishing[after & (agents.until <= until) & (agents.since >= border.time)] == 1)
            assert np.all(agents.state[after & (agents.since < border.time)] != State.IDLE)


def _takers(kind: CallType) -> list[str]:
    """The groups that take calls of the type, at once or later."""
    return [*(kind.groups or ()), *(name for one in kind.overflow for name in one.groups)]


@given(cases())
def test_without_rules_nothing_is_held_back(case: tuple[Scenario, Tape]):
    scenario, tape = case
    plain = scenario.replace(
        call_types=tuple(kind.replace(overflow=()) for kind in scenario.call_types),
        groups=tuple(group.replace(reserve=(), blend=None) for group in scenario.groups),
    )
    day = simulate(plain, tape)
    assert day.agents is not None and day.legs is not None
    assert not day.agents.reason.any() and not day.calls.held_back.any() and not day.legs.held_back.any()


@given(cases())
def test_no_eligible_agent_is_idle_while_somebody_waits_unless_a_rule_says_so_and_the_log_says_which(case: tuple[Scenario, Tape]):
    scenario, tape = case
    day = simulate(scenario, tape)
    agents, calls = day.agents, day.calls
    assert agents is not None
    pools, at = pools_of(scenario)[0], plan(scenario).agent_at
    able = [
        [
            kind.name in pool.levels and (kind.groups is None or scenario.groups[pool.group].name in _takers(kind))
            for kind in scenario.call_types
        ]
        for pool in pools
    ]
    serves = [able[pool] for pool in range(len(pools)) for _ in range(at[pool], at[pool + 1])]
    assert day.legs is not None
    astray = any(menu.wrong > 0 for menu in scenario.ivr.menu)  # whose queue is another type's
    known = ~np.isin(calls.number, tape.number[tape.via != NONE]) & ((calls.attempt == 0) | (not astray))
    for rows, queue_known in ((calls, known), (day.legs, day.legs.accepted == NONE)):
        left = np.where(rows.answer != NONE, rows.answer, rows.end)
        if rows is calls:  # who is being rung does not wait for who else is idle
            rung = agents.state == State.RING
            for number, since in zip(agents.call[rung], agents.since[rung], strict=True):
                left[rows.number == number] = np.minimum(left[rows.number == number], since)
        waits = (rows.queue_entry != NONE) & (left > rows.queue_entry) & (rows.accepted == NONE) & queue_known
        for row in np.flatnonzero(waits):
            for stretch in np.flatnonzero(agents.state == State.IDLE):
                if serves[agents.agent[stretch]][rows.call_type[row]]:
                    apart = agents.until[stretch] <= rows.queue_entry[row] or agents.since[stretch] >= left[row]
                    assert apart or agents.reason[stretch] > 0 or rows.held_back[row] > 0


@given(cases())
def test_lines_are_never_more_than_there_are_and_blocking_needs_all_of_them(case: tuple[Scenario, Tape]):
    scenario, tape = case
    trunks = scenario.lines.trunks
    calls = simulate(scenario, tape).calls
    entered = ~np.isin(calls.outcome, [Outcome.BLOCKED, Outcome.CLOSED])
    for tick in np.unique(calls.arrival):
        gone = np.where(calls.off_line != NONE, calls.off_line, calls.end)
        held = int((entered & (calls.arrival <= tick) & (gone > tick)).sum())
        assert trunks is None or held <= trunks
        in_ivr = entered & (calls.arrival <= tick) & ((calls.ivr_exit > tick) | ((calls.ivr_exit == NONE) & (calls.end > tick)))
        assert scenario.ivr.ports is None or int(in_ivr.sum()) <= scenario.ivr.ports
    if trunks is None and scenario.ivr.ports is None and not scenario.ivr.restarts:
        assert not np.any((calls.outcome == Outcome.BLOCKED) & (calls.attempt > 0))


@given(cases(lossless=True))
def test_one_more_agent_never_hurts_where_nobody_gives_up(case: tuple[Scenario, Tape]):
    scenario, tape = case
    if len(scenario.call_types) > 1 or len(scenario.groups) > 1:
        scenario = scenario.replace(
            call_types=(scenario.call_types[0].replace(groups=None, labels={}, by_label={}),),
            groups=(scenario.groups[0].replace(skills=(scenario.call_types[0].name,)),),
        )
        empty = np.zeros((len(tape), 0), np.int64)
        tape = replace(tape, label=empty).with_columns(call_type=tape.call_type * 0, stream=tape.stream * 0)
    more = scenario.with_({f"groups.{scenario.groups[0].name}.agents.plus": 1})
    few, many = (simulate(one, tape).calls for one in (scenario, more))
    still = few.outcome == Outcome.STILL_THERE
    assert not np.any(many.outcome[~still] == Outcome.STILL_THERE)
    both = ~still & (few.answer != NONE)
    assert np.all(many.answer[both] <= few.answer[both])


@given(scenarios())
def test_a_plan_lists_every_eligible_pool_once_and_only_once(scenario: Scenario):
    made = plan(scenario)
    for queue in range(len(made.class_type)):
        look = made.routes.look[made.routes.look_at[queue] : made.routes.look_at[queue + 1], OF].tolist()
        assert len(set(look)) == len(look)
        for pool in range(len(made.seat_group)):
            scan = made.routes.scan[made.routes.scan_at[pool] : made.routes.scan_at[pool + 1], OF].tolist()
            assert (queue in scan) == (pool in look)


@settings(max_examples=30)
@given(cases())
def test_the_same_tape_gives_the_same_day(case: tuple[Scenario, Tape]):
    scenario, tape = case
    assert simulate(scenario, tape) == simulate(scenario, tape)


@given(cases())
def test_who_comes_back_has_a_reason_and_comes_later(case: tuple[Scenario, Tape]):
    """Every later call follows one that ended in a way after which its type comes back, as often as that allows."""
    scenario, tape = case
    calls = simulate(scenario, tape).calls
    at = {int(number): row for row, number in enumerate(calls.number)}
    words = {
        Outcome.BLOCKED: "busy", Outcome.ABANDONED: "abandoned", Outcome.BALKED: "balked",
        Outcome.IVR_ABANDONED: "hung_up", Outcome.CONTAINED: "contained", Outcome.ANSWERED: "unsolved",
        Outcome.CALLED_BACK: "unsolved", Outcome.CALLBACK_MISSED: "missed", Outcome.CLOSED: "closed",
    }  # fmt: skip
    for row in np.flatnonzero(calls.attempt > 0):
        before = at[int(calls.parent[row])]
        kind = scenario.call_types[calls.call_type[before]]
        if calls.deflection[before] != NONE:
            word, reaction = "deflected", scenario.ivr.deflections[calls.deflection[before]].again
        else:
            word = "solved" if calls.came[row] == Came.FOLLOW_UP else words[Outcome(calls.outcome[before])]
            reaction = kind.next.given()[word]
        came = Came.FOLLOW_UP if word == "solved" else Came.REDIAL if word in REDIALS else Came.REPEAT
        assert calls.solved[before] == 0 and calls.came[row] == came
        assert calls.arrival[row] > calls.end[before]
        assert calls.caller[row] == calls.caller[before]
        assert calls.attempt[row] == calls.attempt[before] + 1
        assert reaction.most is None or calls.attempt[row] <= reaction.most
        assert scenario.call_types[calls.call_type[row]].name == (reaction.as_ or kind.name)
    assert np.all(np.isin(calls.came[calls.attempt == 0], (Came.FRESH, Came.TICKET)))
    assert len(set(calls.parent[calls.attempt > 0].tolist())) == int((calls.attempt > 0).sum())  # a chain, never a tree


@given(cases())
def test_work_that_a_call_leaves_comes_after_it_and_as_its_ticket_says(case: tuple[Scenario, Tape]):
    scenario, tape = case
    calls = simulate(scenario, tape).calls
    at = {int(number): row for row, number in enumerate(calls.number)}
    left = np.flatnonzero(calls.came == Came.TICKET)
    for row in left:
        before = at[int(calls.parent[row])]
        given = {one.as_ for one in scenario.call_types[calls.call_type[before]].tickets}
        assert scenario.call_types[calls.call_type[row]].name in given and calls.caller[row] == calls.number[row]
        assert calls.arrival[row] > calls.end[before] and calls.solved[before] == 0
        assert calls.outcome[before] in (Outcome.ANSWERED, Outcome.CALLED_BACK)
    assert len(set(calls.parent[left].tolist())) == len(left)  # one ticket a call
    work = [kind.contact == "work" for kind in scenario.call_types]
    of_work = np.array(work)[calls.call_type]
    assert set(calls.outcome[of_work]) <= {Outcome.ANSWERED, Outcome.STILL_THERE}


def test_never_is_beyond_every_day():
    assert NEVER > 52 * 3_600_000_000 * 1000
