"""The IVR: a delay and shares, or a tree of menus; who is contained in it, and how easy their matters were."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from sim.scenario.deflections import Deflection
from sim.scenario.distributions import Deterministic, Distribution
from sim.scenario.record import Record
from sim.scenario.series import ShareSeries
from sim.scenario.units import Clock, Duration, Number, Share


class Menu(Record):
    """A menu of the IVR: what callers hear, and where its options lead.

    Of those who hear the `prompt` a share by call type is served there (`containment`), a share gives up (`hang_up`) and a
    share asks for an agent at once (`agent`: "press 0"). The others take the option of their call type: `options` names the
    next menu by call type; a type without one, or with "agent", asks for an agent.

    Of those who take an option a share takes a `wrong` one: that of another call type, which leads elsewhere (a type that has
    calls, or an option of its own here; each as likely), and is taken for a caller of that type from then on.

    `easier` : mean talk of those who are contained / of all who come here, had they reached an agent; not given: easy and
    hard matters are contained alike.
    """

    name: Annotated[str, Field(min_length=1)]
    prompt: Distribution = Deterministic(value=0.0)
    containment: dict[str, ShareSeries] = {}
    hang_up: ShareSeries = ShareSeries()
    agent: ShareSeries = ShareSeries()
    wrong: Share = 0.0
    options: dict[str, str] = {}
    easier: Number | None = None


class Restart(Record):
    """The IVR is down for a while: who is inside is cut off; who calls gets a busy tone, or goes to the agents at once.

    `on` : a date; not given: the first day.
    """

    name: Annotated[str, Field(min_length=1)]
    at: Clock
    on: date | None = None
    lasts: Duration
    meanwhile: Literal["busy", "agents"] = "busy"


class Ivr(Record):
    """What happens before the queue, by call type and interval of arrival.

    `delay` is the time every caller spends at the entrance. `containment` is the share that ends there without asking for an
    agent (solved, or turned away; a call type's `next.contained` says how many of them call again), `hang_up` the share that
    gives up there, `easier` as in a menu. Then come the `deflections` that are offered in the IVR, then the first `menu`,
    whose options lead on. At most `ports` callers are in the IVR at a time; who finds it full hears a busy tone, or goes to the
    agents at once.

    Who took a wrong option stands in the wrong queue. If who answers does not serve the queue of his matter, it takes the time
    `misrouted` to find out, and the caller is transferred cold.

    `talk_under` is the IVR under which `talk` was measured, for `talk` describes those who reach an agent. It is kept by
    itself when a policy changes the IVR; not given: this one. An empty one: `talk` describes all callers.
    """

    delay: Distribution = Deterministic(value=0.0)
    containment: dict[str, ShareSeries] = {}
    hang_up: dict[str, ShareSeries] = {}
    easier: Number | None = None
    deflections: Annotated[tuple[Deflection, ...], Field(strict=False)] = ()
    menu: Annotated[tuple[Menu, ...], Field(strict=False)] = ()
    ports: Annotated[int | None, Field(ge=0)] = None
    full: Literal["busy", "agents"] = "busy"
    misrouted: Distribution = Deterministic(value=40.0)
    restarts: Annotated[tuple[Restart, ...], Field(strict=False)] = ()
    talk_under: Ivr | None = None

    def selective(self) -> bool:
        """Whether easy or hard matters are contained first anywhere."""
        easier = [self.easier, *(menu.easier for menu in self.menu), *(one.easier for one in self.deflections)]
        return any(one is not None for one in easier)

    def way(self, call_type: str) -> tuple[Menu, ...]:
        """The menus that callers of a type hear, in order; a way that comes back to a menu ends there (see `check`)."""
        by_name = {menu.name: menu for menu in self.menu}
        found: list[Menu] = []
        here = self.menu[0] if self.menu else None
        while here is not None and here not in found:
            found.append(here)
            here = by_name.get(here.options.get(call_type, ""))
        return tuple(found)
