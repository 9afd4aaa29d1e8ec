"""The noisy totals of a plan: all that leaves the trust boundary, and all that is kept for reuse."""

import json
from dataclasses import dataclass

from jali.model.codes import LedgerFailed
from jali.model.schema import KeyValue


@dataclass(frozen=True, slots=True)
class Noisy:
    """What trust back ends return; safe to keep and to process further at no price.

    Attributes:
        keys: one tuple per row; a code for declared parts, the value itself for selected ones.
        values: statistic id -> noisy totals in fine steps, in the order of `keys`.
        norms: group id -> norm chosen privately.
    """

    keys: tuple[tuple[KeyValue, ...], ...]
    values: dict[str, tuple[int, ...]]
    norms: dict[str, int]

    def to_json(self) -> str:
        """Return the text that is kept in the ledger; whole numbers of any size survive."""
        return json.dumps(
            {
                "keys": [list(k) for k in self.keys],
                "values": {name: [str(v) for v in column] for name, column in self.values.items()},
                "norms": {name: str(norm) for name, norm in self.norms.items()},
            },
            ensure_ascii=False,
            sort_keys=True,
        )

    @staticmethod
    def from_json(text: str) -> "Noisy":
        """Return what `to_json` wrote.

        Raises:
            LedgerFailed: if the text is damaged.
        """
        try:
            found = json.loads(text)
            return Noisy(
                keys=tuple(tuple(k) for k in found["keys"]),
                values={name: tuple(int(v) for v in column) for name, column in found["values"].items()},
                norms={name: int(norm) for name, norm in found["norms"].items()},
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise LedgerFailed("a kept release is damaged", hint="run jali audit verify") from error
