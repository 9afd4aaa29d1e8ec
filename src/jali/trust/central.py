"""One curator: exact aggregates exist in this process only, and noise is drawn here.

This module and its siblings are the only ones that open secrets. What `release` returns is noisy or public.
"""

import heapq

from jali.engines.protocol import Engine, Run
from jali.model.codes import PriceDisagrees
from jali.model.schema import KeyValue
from jali.model.unseal import unseal
from jali.plan.choice import scores
from jali.plan.exact import AutoClip, Group, Totals, canonical_order, declared_keys
from jali.plan.noise import LAPLACE, Noise
from jali.plan.noisy import Noisy
from jali.plan.private import PrivatePlan
from jali.privacy.mechanisms import OpenDPSampler, Sampler
from jali.store.snapshot import Snapshot


class Central:
    """The default back end: this process may see exact aggregates; nobody else does."""

    name = "central"
    guarantee = "differential privacy against everybody who sees answers; the curator's process is trusted"

    def __init__(self, engine: Engine, sampler: Sampler | None = None) -> None:
        """Keep the engine. `sampler` is OpenDP's; another one is injected by `jali.testing` alone."""
        self._engine = engine
        self._sampler: Sampler = sampler if sampler is not None else OpenDPSampler()

    def supports(self, plan: PrivatePlan) -> bool:
        """Return whether this back end can answer the plan."""
        needs = {"norm_clip", "declared_keys", *(["selected_keys"] if plan.selection is not None else [])}
        needs |= {"shared_distinct"} if plan.exact.shared else set()
        return needs <= self._engine.capabilities

    def check(self, plan: PrivatePlan, snapshot: Snapshot) -> None:
        """Refuse, before anything is charged, what the engine cannot express; reads no data.

        Raises:
            JaliError: from the engine.
        """
        self._engine.check(plan.exact, snapshot)

    def release(self, plan: PrivatePlan, snapshot: Snapshot) -> Noisy:
        """Return the noisy totals of a charged plan.

        The stages run in order: bounds that are found first and norms of automatic clips by the exponential
        mechanism, exact totals under them, key selection, noise. Each later scale is a fixed function of what was
        chosen.

        Raises:
            EngineFailed: with its one fixed text; the charge stands.
        """
        with self._engine.open(plan.exact, snapshot) as run:
            plan, bounds = self._settled(plan, run)
            norms = self._choose_norms(plan, run)
            totals = unseal(run.totals(tuple(norms.items())))
        keys = self._select(plan, totals) if plan.selection is not None else _declared(plan)
        where = {key: i for i, key in enumerate(totals.keys)}
        values: dict[str, tuple[int, ...]] = {}
        for noise in plan.noises:
            values |= self._noised(noise, norms.get(noise.group.id), totals, keys, where)
        return Noisy(tuple(keys), values, norms, bounds=bounds)

    def _settled(self, plan: PrivatePlan, run: Run) -> tuple[PrivatePlan, dict[str, int]]:
        """Return the plan under the bounds that are found first, in order, and those bounds.

        Raises:
            PriceDisagrees: if what follows costs more than was charged; nothing is drawn then.
        """
        if not plan.choices:
            return plan, {}
        found: dict[str, int] = {}
        settled = plan
        for choice in plan.choices:
            counts = unseal(run.spread(choice.number))
            drawn = self._sampler.choose(scores(counts, choice.rank, choice.prior), choice.scale)
            found[choice.what] = choice.number.grid[drawn]
            settled = plan.settled(found)
            run.settle(settled.exact)
        if not settled.price_again().is_covered_by(plan.cost):
            raise PriceDisagrees("the price of the plan and the price of its mechanisms differ")
        return settled, found

    def _choose_norms(self, plan: PrivatePlan, run: Run) -> dict[str, int]:
        kept = {noise.group.id: noise.kept.value for noise in plan.noises if noise.kept is not None}
        automatic = [noise for noise in plan.noises if noise.choice_nano_rho]
        if not automatic:
            return kept
        buckets = unseal(run.norms())
        return kept | {noise.group.id: self._choose(noise, buckets[noise.group.id]) for noise in automatic}

    def _choose(self, noise: Noise, counts: list[int]) -> int:
        """Return a norm drawn by the exponential mechanism, utility -|(1-q) below - q above| - prior (rule 23)."""
        bound = noise.group.bound if isinstance(noise.group, Group) else None
        if not isinstance(bound, AutoClip):
            msg = "only an automatic clip is chosen"
            raise TypeError(msg)
        found = scores(counts, bound.rank, noise.choice_prior)
        return bound.norms[self._sampler.choose(found, noise.choice_scale)]

    def _select(self, plan: PrivatePlan, totals: Totals) -> list[tuple[KeyValue, ...]]:
        """Return the keys whose noisy weight reaches the threshold, in canonical order, at most maxRows of them."""
        selection = plan.selection
        if selection is None:
            return []
        present = [(key, w) for key, w in zip(totals.keys, totals.weights, strict=True) if w > 0]
        drawn = self._sampler.gaussian(selection.sigma, len(present))
        threshold = selection.threshold
        shown = [key for (key, weight), n in zip(present, drawn, strict=True) if weight + n >= threshold]
        return heapq.nsmallest(plan.max_rows, shown, key=canonical_order)

    def _noised(
        self,
        noise: Noise,
        norm: int | None,
        totals: Totals,
        keys: list[tuple[KeyValue, ...]],
        where: dict[tuple[KeyValue, ...], int],
    ) -> dict[str, tuple[int, ...]]:
        found: dict[str, tuple[int, ...]] = {}
        scales = noise.scales(norm)
        if isinstance(noise.group, Group) and noise.group.tree is not None:
            scales *= noise.group.tree.nodes
        for one, scale in zip(noise.ids, scales, strict=True):
            exact = [totals.values[one][where[key]] if key in where else 0 for key in keys]
            draw = self._sampler.laplace if noise.mechanism == LAPLACE else self._sampler.gaussian
            drawn = draw(scale, len(keys)) if scale > 0 else [0] * len(keys)
            found[one] = tuple(x + n for x, n in zip(exact, drawn, strict=True))
        return found


def _declared(plan: PrivatePlan) -> list[tuple[KeyValue, ...]]:
    return list(declared_keys(plan.exact))
