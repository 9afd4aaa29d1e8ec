"""The private plan: everything that will happen, priced, and nothing that depends on data."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TypeAlias

from jali.model.money import ATTO, NANO, Basic, Cost
from jali.model.release import Note
from jali.plan.choice import Choice, Found, Values
from jali.plan.exact import AnyGroup, AutoClip, CellClamp, ExactPlan, FixedClip, Group, Key, SharedDistinct
from jali.plan.noise import Noise, Selection, price
from jali.plan.second import BASIC, RHO, basic_price, level, why_none
from jali.policy.check import Cleared
from jali.privacy.conversion import epsilon_for
from jali.sql import show
from jali.sql.tree import Aggregate

BoundName: TypeAlias = tuple[str, tuple[str, ...]]
"""What a bound is of, as canonical text, and the conditions of the rows, sorted."""


@dataclass(frozen=True, slots=True)
class Measured:
    """How one aggregate of the query is read off the noisy totals; several may read the same ones.

    Attributes:
        center: of a mean, in steps.
        moments: names of the statistics of a family of moments (`plan.families`); empty for all others.
    """

    aggregate: Aggregate
    noise: Noise
    center: int = 0
    moments: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the ids of its totals."""
        return self.noise.ids

    @property
    def is_scaled(self) -> bool:
        """Return whether a unit with very many rows counts less in it, as a whole."""
        is_tree = isinstance(self.noise.group, Group) and self.noise.group.tree is not None
        return self.aggregate.kind == "mean" or bool(self.moments) or is_tree

    @property
    def counts_units(self) -> bool:
        """Return whether it measures units per key, so that minUnitsPerKey applies to it (SECURITY.md rule 16)."""
        return self.aggregate.kind == "count_units"


@dataclass(frozen=True, slots=True)
class PrivatePlan:
    """What `plan.build` makes and every later station reads; holds no data.

    Attributes:
        exact: what the engine computes (label RAW to BOUNDED).
        measured: one entry per aggregate of the query (label NOISY).
        selection: how undeclared keys are found; None where all keys are declared.
        cost: price of the whole answer, charged before data is read.
        confidence: level of the intervals.
        notes: what binds and what was chosen, in words.
        gate: the scale the asker's price is on: rho or basic. Whichever gate holds admits the question.
        basic_atto_delta: delta of the basic price of its Gaussian parts; 0 where they have none.
        choices: bounds that are found first, in order; while there are any the rest of the plan stands for one of the
            candidates.
        found: bounds of a settled plan that were found, or were kept.
        clips: group id -> the text its automatic clip is kept by, and the conditions of its rows.
        settle: gives the plan under bounds that were found; where `choices` holds any.
    """

    cleared: Cleared
    exact: ExactPlan
    measured: tuple[Measured, ...]
    selection: Selection | None
    cost: Cost
    confidence: Fraction
    min_units: int
    clamps_for_display: bool
    max_rows: int
    unit: str
    delta_conversion: Fraction
    notes: tuple[Note, ...]
    gate: str = RHO
    basic_atto_delta: int = 0
    choices: tuple[Choice, ...] = ()
    found: tuple[Found, ...] = ()
    clips: Mapping[str, BoundName] = field(default_factory=dict[str, "BoundName"], repr=False)
    settle: Callable[[Values], "PrivatePlan"] | None = field(default=None, compare=False, repr=False)

    def settled(self, values: Values) -> "PrivatePlan":
        """Return the plan under bounds that were found; without choices it is the plan itself."""
        return self if self.settle is None else self.settle(values)

    @property
    def noises(self) -> tuple[Noise, ...]:
        """Return what is measured, each once, in order."""
        return tuple({m.noise.group.id: m.noise for m in self.measured}.values())

    @property
    def is_public(self) -> bool:
        """Return whether the answer follows from the rules alone: declared keys, nothing measured, no price."""
        return not self.measured and self.selection is None

    def measure_text(self) -> str:
        """Return what is measured as stable text, without prices: equal texts have equal meaning and bounds."""
        exact = self.exact
        lines = [
            f"rows {show.canonical_rows(exact.rows)}",
            f"row cap {exact.row_cap}",
            f"key cap {exact.max_keys}",
        ]
        lines += [f"{c.what} rank={c.rank} of {c.number.grid}" for c in self.choices]
        lines += [key_line(k) for k in exact.keys]
        lines += [
            f"measure {show.canonical_aggregate(m.aggregate)} by {group_line(m.noise.group)}{_elsewhere(m.noise)}"
            for m in self.measured
        ]
        if self.cleared.query.levels:
            lines.append(f"levels {self.cleared.query.levels}")
        return "\n".join(lines)

    def measure_digest(self) -> str:
        """Return SHA-256 of `measure_text`, as hex."""
        return hashlib.sha256(self.measure_text().encode()).hexdigest()

    def salted_digest(self, salt: str) -> str:
        """Return SHA-256 of a salt and `measure_text`, as hex; what the public audit log shows of a plan."""
        return hashlib.sha256(f"{salt}\n{self.measure_text()}".encode()).hexdigest()

    def price_again(self) -> Cost:
        """Return the price recomputed from the mechanisms alone; compared with `cost` before anything is charged."""
        rho = sum(price(noise) for noise in self.noises)
        rho += self._first()
        delta = 0
        if self.selection is not None:
            rho += self.selection.price()
            delta = self.selection.atto_delta
        return Cost(rho, delta, self._basic())

    def priced(self) -> "PrivatePlan":
        """Return the plan with the basic price of its mechanisms as part of its cost."""
        return replace(self, cost=replace(self.cost, basic=self._basic()))

    def _basic(self) -> Basic | None:
        return basic_price(self.noises, self.selection, self.basic_atto_delta, self._first())

    def _first(self) -> int:
        """Return the price of the bounds that are found first, recomputed, in nano-rho."""
        return sum(c.price() for c in self.choices) + sum(f.price() for f in self.found)

    def basic_delta_for(self, nano_rho: int) -> int:
        """Return the delta at which the Gaussian parts of the same question at another rho are converted: its share."""
        return self.basic_atto_delta * nano_rho // self.cost.nano_rho if self.cost.nano_rho else 0

    @property
    def level(self) -> int:
        """Return the price in nano-rho that kept releases are compared by (`second.level`)."""
        return level(self.noises, self.cost.nano_rho)

    @property
    def why_no_basic_price(self) -> str:
        """Return why the second gate is closed by this plan; empty where it is not."""
        return "" if self.cost.basic is not None else why_none(self.noises, self.selection)

    @property
    def guarantee(self) -> tuple[Fraction, Fraction]:
        """Return (epsilon, delta) of the answer by itself: of the basic price where that says no less, else of rho."""
        epsilon = epsilon_for(self.cost.nano_rho, self.delta_conversion)
        basic = self.cost.basic
        if basic is not None:
            exact, delta = Fraction(basic.nano_epsilon, NANO), Fraction(basic.atto_delta, ATTO)
            if self.gate == BASIC or (exact <= epsilon and delta <= self.delta_conversion):
                return exact, delta + self.cost.delta
        return epsilon, self.delta_conversion + self.cost.delta


def _elsewhere(noise: Noise) -> str:
    """Return a norm that was found under other conditions: no question finds it unless it is told to."""
    return f" at {noise.kept.value}" if noise.kept is not None and noise.is_elsewhere else ""


def key_line(key: Key) -> str:
    """Return a key as stable text."""
    values = "selected" if key.values is None else json.dumps(key.values, ensure_ascii=False)
    return f"key {show.canonical(key.expression)} {values} other={key.has_other} null={key.has_null}"


def group_line(group: AnyGroup) -> str:
    """Return how a group is bounded, as stable text."""
    if isinstance(group, SharedDistinct):
        return f"distinct values matched {group.per_key} keys={group.max_keys} sampled={group.is_sampled}"
    parts = [
        f"{s.kind.value} {s.low} {s.high} -{s.offset} step={s.step} weight={w}" for s, w in group.statistics
    ]
    match group.bound:
        case CellClamp(limits):
            bound = f"clamp {limits} squared={group.squared_l2}"
        case FixedClip(squared):
            bound = f"clip {squared}"
        case AutoClip(norms, rank):
            bound = f"clip rank={rank} of {norms}"
    if group.tree is not None:
        bound += f" tree {group.tree.width} {group.tree.depth}"
    return f"{'; '.join(parts)} | {bound} keys={group.max_keys} sampled={group.is_sampled} bits={group.root_bits}"
