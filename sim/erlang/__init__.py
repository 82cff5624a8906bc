"""Erlang B, C and A: the closed forms planners know, and the yardstick the engines are held to.

Units: times in seconds, `calls_per_hour` per hour, `load` in erlangs (calls per second x AHT), rates and
probabilities from 0 to 1. One steady half-hour, Poisson calls, exponential handle times, one queue, first
come first served; nothing here knows of redials, ramps or breaks. `agents` are heads on phones.

Sources
    Erlang (1917), "Solution of some problems in the theory of probabilities of significance in
    automatic telephone exchanges", Elektroteknikeren 13: B and C.
    Jagerman (1974), "Some properties of the Erlang loss function", BSTJ 53: the recursion for B.
    Garnett, Mandelbaum and Reiman (2002), "Designing a call center with impatient customers", M&SOM 4(3):
    the M/M/n+M queue (Erlang A).
    Mandelbaum and Zeltyn (2007), "Service engineering in action: the Palm/Erlang-A queue", section 3 and
    appendix; the density of the offered wait is from Baccelli and Hebuterne (1981).
"""

from sim.erlang.patience import ErlangA, erlang_a
from sim.erlang.queue import ErlangC, erlang_b, erlang_c
from sim.erlang.staffing import agents_needed, rostered

__all__ = ["ErlangA", "ErlangC", "agents_needed", "erlang_a", "erlang_b", "erlang_c", "rostered"]
