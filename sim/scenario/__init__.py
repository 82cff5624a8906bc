"""What is asked of a simulated day: frozen, validated records, and the merging of plain tables into them."""

from sim.scenario.calendar import Calendar as Calendar
from sim.scenario.callers import ByLabel as ByLabel
from sim.scenario.callers import CallType as CallType
from sim.scenario.costs import Costs as Costs
from sim.scenario.costs import Target as Target
from sim.scenario.demand import Arrivals as Arrivals
from sim.scenario.demand import Surge as Surge
from sim.scenario.errors import CallsimError as CallsimError
from sim.scenario.errors import CannotFinishError as CannotFinishError
from sim.scenario.errors import Problem as Problem
from sim.scenario.errors import ScenarioError as ScenarioError
from sim.scenario.floor import Agents as Agents
from sim.scenario.floor import Group as Group
from sim.scenario.ivr import Ivr as Ivr
from sim.scenario.range import Range as Range
from sim.scenario.scenario import Lines as Lines
from sim.scenario.scenario import Scenario as Scenario
