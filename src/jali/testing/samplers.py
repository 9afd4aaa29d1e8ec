"""Samplers for tests. This is the only place where noise can be switched off; no setting or variable can do it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from jali.engines.protocol import Engine
from jali.pipeline import House
from jali.plan.exact import AutoClip, Group
from jali.plan.noisy import Noisy
from jali.plan.private import PrivatePlan
from jali.trust.central import Central


class NoNoise:
    """Adds nothing and chooses the best score: answers are the exact bounded aggregates. For tests alone."""

    name = "no-noise"

    def gaussian(self, sigma: float, n: int) -> list[int]:
        """Return n zeros."""
        _ = sigma
        return [0] * n

    def laplace(self, scale: float, n: int) -> list[int]:
        """Return n zeros."""
        _ = scale
        return [0] * n

    def choose(self, scores: Sequence[int], scale: float) -> int:
        """Return the index of the best score, the first one where several are best."""
        _ = scale
        return max(range(len(scores)), key=lambda i: scores[i])


@dataclass(slots=True)
class Recorder:
    """Wraps a sampler and records every call: what was drawn at what scale (record and replay, arXiv 2602.17454)."""

    inner: NoNoise = field(default_factory=NoNoise)
    calls: list[tuple[str, float, int]] = field(default_factory=list[tuple[str, float, int]])
    scores: list[tuple[int, ...]] = field(default_factory=list[tuple[int, ...]])
    name: str = "recorder"

    def gaussian(self, sigma: float, n: int) -> list[int]:
        """Record and return what the inner sampler draws."""
        self.calls.append(("gaussian", sigma, n))
        return self.inner.gaussian(sigma, n)

    def laplace(self, scale: float, n: int) -> list[int]:
        """Record and return what the inner sampler draws."""
        self.calls.append(("laplace", scale, n))
        return self.inner.laplace(scale, n)

    def choose(self, scores: Sequence[int], scale: float) -> int:
        """Record and return what the inner sampler chooses."""
        self.calls.append(("choose", scale, len(scores)))
        self.scores.append(tuple(scores))
        return self.inner.choose(scores, scale)


def without_noise(house: House, engine: Engine) -> House:
    """Return the house with a trust back end that adds no noise. For tests alone."""
    return replace(house, trust=Central(engine, NoNoise()))


@dataclass(slots=True)
class Repeat(NoNoise):
    """Adds no noise, and makes the choices of a release again, in their order."""

    indices: list[int] = field(default_factory=list[int])

    def choose(self, scores: Sequence[int], scale: float) -> int:
        """Return the next choice of the release."""
        _ = scores, scale
        return self.indices.pop(0)


def choices_of(plan: PrivatePlan, noisy: Noisy) -> list[int]:
    """Return the places, on their grids, of everything a release chose, in the order it was chosen."""
    first = [choice.number.grid.index(noisy.bounds[choice.what]) for choice in plan.choices]
    clips = (
        noise.group.bound.norms.index(noisy.norms[noise.group.id])
        for noise in plan.settled(noisy.bounds).noises
        if noise.choice_nano_rho
        and isinstance(noise.group, Group)
        and isinstance(noise.group.bound, AutoClip)
    )
    return [*first, *clips]
