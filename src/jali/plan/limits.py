"""From the epsilons of contracts and populations to integer limits: accounts and guardrails of a question."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from jali.model.money import Basic, Cost, atto_delta_down, nano_down
from jali.plan.domains import PublicValues
from jali.plan.guardrails import Guardrails, SecondGate
from jali.plan.second import BASIC
from jali.policy.contract import Contract
from jali.policy.population import Population
from jali.privacy.conversion import rho_for


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one contract as integers; every rho is rounded down, every delta share too.

    An account holds the share of the population's key delta that its rho is of the lifetime rho (SECURITY.md rule 20),
    so nobody can use up the key deltas alone. The limits of the second gate are the same epsilons as they are, and the
    share of `delta.basic` that each is of the lifetime epsilon.
    """

    lifetime: Cost
    period: Cost
    purposes: dict[str, Cost]
    analyst: Cost


def limits_of(contract: Contract, population: Population) -> Limits:
    """Return the limits of a contract, converted once at the population's conversion delta."""
    lifetime = rho_for(population.lifetime, population.delta_conversion)

    def cost(epsilon: Fraction) -> Cost:
        nano_rho = rho_for(epsilon, population.delta_conversion)
        share = population.delta_keys * Fraction(min(nano_rho, lifetime), lifetime)
        part = population.delta_basic * min(Fraction(1), epsilon / population.lifetime)
        return Cost(nano_rho, atto_delta_down(share), Basic(nano_down(epsilon), atto_delta_down(part)))

    return Limits(
        lifetime=cost(population.lifetime),
        period=cost(contract.budget.per_period),
        purposes={name: cost(epsilon) for name, epsilon in contract.budget.per_purpose.items()},
        analyst=cost(contract.budget.per_analyst),
    )


def guardrails_of(
    contracts: Sequence[Contract], population: Population, public_values: PublicValues, unit_key: str = ""
) -> Guardrails:
    """Return the strictest guardrails of several contracts.

    Args:
        contracts: those a question reads.
        population: whose units they hold.
        public_values: lists the values of public columns.
        unit_key: column that carries the unit in the tables read, which names the unit an answer protects.
    """
    deltas = [c.output.key_delta for c in contracts]
    known = [d for d in deltas if d is not None]
    return Guardrails(
        population=population.id,
        unit=next((u.name for u in population.units if u.key == unit_key), population.units[0].name),
        delta_conversion=population.delta_conversion,
        key_delta=min(known) if len(known) == len(deltas) else None,
        min_units_per_key=max(c.output.min_units_per_key or 1 for c in contracts),
        default_nano_rho=min(rho_for(c.budget.query_default, population.delta_conversion) for c in contracts),
        max_nano_rho=min(rho_for(c.budget.query_max, population.delta_conversion) for c in contracts),
        max_rows=min(c.output.max_rows for c in contracts),
        clamps_for_display=all(c.output.clamps_for_display for c in contracts),
        hints=contracts[0].hints,
        public_values=public_values,
        second=SecondGate(
            default_epsilon=min(c.budget.query_default for c in contracts),
            max_epsilon=min(c.budget.query_max for c in contracts),
            delta_basic=population.delta_basic,
            lifetime=population.lifetime,
            lifetime_nano_rho=max(1, rho_for(population.lifetime, population.delta_conversion)),
            is_default=all(c.budget.default_gate == BASIC for c in contracts),
        ),
    )
