"""What every engine offers: exact, bounded aggregates of one snapshot, as secrets."""

from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

from jali.model.secret import Secret
from jali.plan.exact import ExactPlan, Totals, UnitNumber
from jali.store.snapshot import Snapshot


class Run(Protocol):
    """One plan over one snapshot; use it as a context manager."""

    def __enter__(self) -> Self:
        """Compute the cells of every unit."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget the cells."""
        ...

    def spread(self, number: UnitNumber) -> Secret[list[int]]:
        """Return how many units have a number in each bucket: bucket j holds numbers in (g_{j-1}, g_j].

        One extra entry at the end counts units above the last candidate. To be asked before `settle`.
        """
        ...

    def settle(self, plan: ExactPlan) -> None:
        """Go on with a plan that differs from the one opened in caps alone; before `norms` and `totals`."""
        ...

    def norms(self) -> Secret[dict[str, list[int]]]:
        """Return per automatic clip how many units have a norm in each bucket: bucket j holds norms in (n_{j-1}, n_j].

        The last bucket also holds every unit above the last candidate, as one extra entry at the end.
        """
        ...

    def totals(self, norms: Sequence[tuple[str, int]]) -> Secret[Totals]:
        """Return the bounded totals; `norms` gives the chosen norm of each automatic clip by group id."""
        ...


class Engine(Protocol):
    """Computes exact plans."""

    name: str
    capabilities: frozenset[str]

    def check(self, plan: ExactPlan, snapshot: Snapshot) -> None:
        """Write every statement of the plan without running any, so that what cannot be written is never charged.

        Raises:
            JaliError: if the engine cannot express the plan.
        """
        ...

    def open(self, plan: ExactPlan, snapshot: Snapshot) -> Run:
        """Return a run of the plan.

        Raises:
            EngineFailed: with its one fixed text, whatever the cause.
        """
        ...
