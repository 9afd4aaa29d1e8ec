"""The noisy totals of a plan: all that leaves the trust boundary, and all that is kept for reuse."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeAlias

from jali.model.codes import LedgerFailed
from jali.model.schema import KeyValue

Total: TypeAlias = int | Fraction
"""A noisy total in fine steps; a fraction where several releases were combined."""


@dataclass(frozen=True, slots=True)
class Noisy:
    """What trust back ends return; safe to keep and to process further at no price.

    Attributes:
        keys: one tuple per row; a code for declared parts, the value itself for selected ones.
        values: statistic id -> noisy totals in fine steps, in the order of `keys`.
        norms: group id -> norm chosen privately.
        divisors: statistic id -> what its values are divided by where several releases were combined; else 1.
        bounds: name -> bound that was found privately before the rest of the plan.
    """

    keys: tuple[tuple[KeyValue, ...], ...]
    values: dict[str, tuple[int, ...]]
    norms: dict[str, int]
    divisors: dict[str, int] = field(default_factory=dict[str, int])
    bounds: dict[str, int] = field(default_factory=dict[str, int])

    def totals(self) -> Mapping[str, Sequence[Total]]:
        """Return statistic id -> noisy totals in fine steps, divided by their divisors."""
        return {name: self._divided(name, column) for name, column in self.values.items()}

    def _divided(self, name: str, column: tuple[int, ...]) -> Sequence[Total]:
        divisor = self.divisors.get(name, 1)
        return column if divisor == 1 else tuple(Fraction(v, divisor) for v in column)

    def refined(self, newer: "Noisy", prices: Mapping[str, tuple[int, int]]) -> "Noisy":
        """Return these totals combined with newer ones of the same exact totals, by inverse variance.

        The variance of Gaussian noise of one sensitivity is in inverse proportion to its price, so with prices a and b
        the combination of least variance is (a x + b y) / (a + b); its own is that of one release at a + b. What is
        kept are the numerators, whole numbers, over a + b.

        Args:
            newer: the same keys and statistics.
            prices: statistic id -> nano-rho paid for these totals and for the newer ones.

        Raises:
            LedgerFailed: if the two are not about the same keys, or these were not combined at that price.
        """
        if self.keys != newer.keys or self.values.keys() != newer.values.keys():
            raise LedgerFailed("two releases do not belong together", hint="run jali audit verify")
        values: dict[str, tuple[int, ...]] = {}
        divisors: dict[str, int] = {}
        for name, column in self.values.items():
            before, more = prices[name]
            divisor = self.divisors.get(name, 1)
            if divisor not in {1, before}:
                raise LedgerFailed("a kept release is damaged", hint="run jali audit verify")
            times = before // divisor
            pairs = zip(column, newer.values[name], strict=True)
            values[name] = tuple(times * old + more * new for old, new in pairs)
            divisors[name] = before + more
        return Noisy(self.keys, values, self.norms, divisors, self.bounds)

    def to_json(self) -> str:
        """Return the text that is kept in the ledger; whole numbers of any size survive."""
        shown: dict[str, object] = {
            "keys": [list(k) for k in self.keys],
            "values": {name: [str(v) for v in column] for name, column in self.values.items()},
            "norms": {name: str(norm) for name, norm in self.norms.items()},
        }
        if self.bounds:
            shown["bounds"] = {name: str(value) for name, value in self.bounds.items()}
        if self.divisors:
            shown["divisors"] = {name: str(divisor) for name, divisor in self.divisors.items()}
        return json.dumps(shown, ensure_ascii=False, sort_keys=True)

    @staticmethod
    def from_json(text: str) -> "Noisy":
        """Return what `to_json` wrote.

        Raises:
            LedgerFailed: if the text is damaged.
        """
        try:
            found = json.loads(text)
        except ValueError as error:
            raise LedgerFailed("a kept release is damaged", hint="run jali audit verify") from error
        return Noisy.from_parsed(found)

    @staticmethod
    def from_parsed(found: Any) -> "Noisy":  # noqa: ANN401  # whatever the text held
        """Return what `to_json` wrote, once its text was parsed as part of a larger one.

        Raises:
            LedgerFailed: if it is damaged.
        """
        try:
            return Noisy(
                keys=tuple(tuple(k) for k in found["keys"]),
                values={name: tuple(int(v) for v in column) for name, column in found["values"].items()},
                norms={name: int(norm) for name, norm in found["norms"].items()},
                divisors={name: int(divisor) for name, divisor in found.get("divisors", {}).items()},
                bounds={name: int(value) for name, value in found.get("bounds", {}).items()},
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise LedgerFailed("a kept release is damaged", hint="run jali audit verify") from error
