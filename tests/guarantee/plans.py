"""Plans for the guarantee tests: parse and plan a query over a world's catalogue without a house."""

from fractions import Fraction
from pathlib import Path

from jali.model.request import Options, Request
from jali.model.schema import Hints
from jali.plan.build import build
from jali.plan.choice import Library, no_bounds
from jali.plan.guardrails import Guardrails, SecondGate
from jali.plan.private import PrivatePlan
from jali.policy.check import Cleared
from jali.policy.population import Population
from jali.policy.terms import Purpose
from jali.privacy.conversion import rho_for
from jali.sql.parse import parse
from tests.guarantee.world import Caps, catalog, public_values

POPULATION = Population(
    name="world",
    id="urn:world",
    version=1,
    units=(),
    lifetime=Fraction(24),
    delta_conversion=Fraction(5, 10**6),
    delta_keys=Fraction(5, 10**6),
    delta_basic=Fraction(0),
    blocks="none",
    approvals=(),
    path=Path(),
    root=None,  # type: ignore[arg-type]
)
PURPOSE = Purpose("test", "dpv:Test", "none", "", "none", "world")


def plan_of(  # noqa: PLR0917  # what a test varies
    sql: str,
    caps: Caps,
    options: Options | None = None,
    hints: Hints | None = None,
    max_nano_rho: int = 20_000_000_000,
    delta_basic: Fraction = Fraction(0),
    kept: Library = no_bounds,
) -> PrivatePlan:
    """Return the plan of a query as the pipeline would build it, policy clearance aside."""
    request = Request("tester", frozenset({"analyst"}), "test", options or Options())
    query = parse(sql, catalog(caps), request.options.dialect)
    cleared = Cleared(query, request, (), POPULATION, PURPOSE, "central")
    guardrails = Guardrails(
        population="urn:world",
        unit="unit",
        delta_conversion=POPULATION.delta_conversion,
        key_delta=Fraction(1, 10**6),
        min_units_per_key=1,
        default_nano_rho=500_000_000,
        max_nano_rho=max_nano_rho,
        max_rows=1000,
        clamps_for_display=True,
        hints=hints or Hints(),
        public_values=public_values,
        second=SecondGate(
            default_epsilon=Fraction(1),
            max_epsilon=Fraction(100),
            delta_basic=delta_basic,
            lifetime=POPULATION.lifetime,
            lifetime_nano_rho=rho_for(POPULATION.lifetime, POPULATION.delta_conversion),
        ),
    )
    return build(cleared, guardrails, kept)
