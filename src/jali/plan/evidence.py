"""What a certificate shows of a plan: mechanisms with their public parameters, and the price computed from them again.

`evidence` is kept with every release; `reprice` needs nothing but that text, so anybody can do the sum. Whole
numbers that may leave 53 bits are texts of digits.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import cast

from jali.model.money import ATTO, Basic, Cost, nano_up
from jali.plan.choice import Found, rank_weights
from jali.plan.exact import FINE, AutoClip, Group
from jali.plan.noise import LAPLACE, Noise, Selection, l1_of, pure_price
from jali.plan.noisy import Noisy
from jali.plan.private import PrivatePlan
from jali.privacy import noise as scales
from jali.privacy.conversion import epsilon_for
from jali.sql.show import in_common_words

Json = Mapping[str, object]


def evidence(plan: PrivatePlan, noisy: Noisy, salt: str = "") -> dict[str, object]:
    """Return plan text, mechanisms and selection of a release as JSON values; every number in it is public.

    `salt` opens the digest of the plan in the audit log.
    """
    shown: dict[str, object] = {
        "plan": plan.measure_text(),
        "plan_salt": salt,
        "basic_atto_delta": plan.basic_atto_delta,
        "mechanisms": [_mechanism(noise, plan, noisy) for noise in plan.noises],
        "selection": _selection(plan.selection) if plan.selection is not None else None,
    }
    return shown | ({"bounds": [_bound(one) for one in plan.found]} if plan.found else {})


def _bound(one: Found) -> dict[str, object]:
    """Return a bound that was found before the rest: its own event, or the release that bought it."""
    shown: dict[str, object] = {"what": one.name, "chosen": str(one.value)}
    if one.choice is None:
        return shown | {"mechanism": "kept", "release": one.kept.release_id if one.kept is not None else ""}
    return shown | {
        "mechanism": "exponential",
        "nano_rho": one.choice.nano_rho,
        "sensitivity": str(one.choice.sensitivity),
        "scale": one.choice.scale,
        "grid": [str(x) for x in one.choice.number.grid],
    }


def _mechanism(noise: Noise, plan: PrivatePlan, noisy: Noisy) -> dict[str, object]:
    norm = noisy.norms.get(noise.group.id)
    shown: dict[str, object] = {
        "measures": ", ".join(in_common_words(m.aggregate) for m in plan.measured if m.noise == noise),
        "mechanism": noise.mechanism,
        "nano_rho": noise.nano_rho,
        "scales": list(noise.scales(norm)),  # one for all nodes of a tree
        "weights": list(noise.weights),
        "squared_l2": str(noise.group.squared(norm)),
    }
    if noise.mechanism == LAPLACE:
        shown["l1"] = str(l1_of(noise.group, norm))
        shown["nano_epsilon"] = noise.nano_epsilon or pure_price(noise)
    if isinstance(noise.group, Group) and isinstance(noise.group.bound, AutoClip):
        bound = noise.group.bound
        clip: dict[str, object] = {"norms": [str(n) for n in bound.norms], "chosen": str(norm)}
        if noise.kept is not None:
            shown["clip"] = clip | {"mechanism": "kept", "release": noise.kept.release_id}
        else:
            shown["clip"] = clip | {
                "mechanism": "exponential",
                "nano_rho": noise.choice_nano_rho,
                "nano_epsilon": noise.choice_nano_epsilon or None,
                "sensitivity": str(max(rank_weights(bound.rank))),
                "scale": noise.choice_scale,
            }
    return shown


def _selection(selection: Selection) -> dict[str, object]:
    return {
        "nano_rho": selection.nano_rho,
        "atto_delta": selection.atto_delta,
        "scale": selection.sigma,
        "squared_l2": str(FINE**2),
        "threshold": str(selection.threshold),
        "max_keys": selection.max_keys,
    }


def reprice(found: Json) -> Cost:
    """Return the price of a release computed from its evidence alone, on both scales.

    Raises:
        ValueError: if a mechanism costs more than it says, or the evidence is incomplete.

    Example:
        >>> one = {"mechanism": "discrete_gaussian", "nano_rho": 500_000_000, "scales": [2.0], "weights": [1],
        ...        "squared_l2": "4"}
        >>> reprice({"mechanisms": [one], "selection": None})
        Cost(nano_rho=500000000, atto_delta=0, basic=None)
        >>> one = {"mechanism": "discrete_laplace", "nano_rho": 462117158, "scales": [1.0], "weights": [1], "l1": "1",
        ...        "squared_l2": "1", "nano_epsilon": 1_000_000_000}
        >>> reprice({"mechanisms": [one], "selection": None}).basic
        Basic(nano_epsilon=1000000000, atto_delta=0)
    """
    try:
        prices = [_price(cast("Json", one)) for one in cast("list[object]", found["mechanisms"])]
        key_delta, gaussian = 0, sum(rho for rho, epsilon in prices if epsilon is None)
        rho = sum(rho for rho, _ in prices)
        first = sum(_bound_price(cast("Json", one)) for one in cast("list[object]", found.get("bounds", [])))
        rho, gaussian = rho + first, gaussian + first
        if (selection := cast("Json | None", found["selection"])) is not None:
            price = scales.gaussian_nano_rho(
                Fraction(str(selection["squared_l2"])), _real(selection["scale"])
            )
            stated = _at_most(price, selection)
            rho, gaussian, key_delta = rho + stated, gaussian + stated, int(str(selection["atto_delta"]))
        pure = sum(epsilon for _, epsilon in prices if epsilon is not None)
        return Cost(rho, key_delta, _basic(pure, gaussian, int(str(found.get("basic_atto_delta", 0)))))
    except (KeyError, TypeError, ZeroDivisionError, OverflowError) as error:
        msg = "the evidence is incomplete"
        raise ValueError(msg) from error


def _basic(pure: int, gaussian: int, atto_delta: int) -> Basic | None:
    """Return the basic price of pure mechanisms and of Gaussian ones that are converted together at a delta."""
    if not gaussian:
        return Basic(pure)
    if atto_delta <= 0:
        return None
    return Basic(pure + nano_up(epsilon_for(gaussian, Fraction(atto_delta, ATTO))), atto_delta)


def _price(one: Json) -> tuple[int, int | None]:
    """Return the price of one mechanism in nano-rho, and in nano-epsilon where it has one."""
    drawn = [_real(s) for s in cast("list[object]", one["scales"])]
    weights = [int(str(w)) for w in cast("list[object]", one["weights"])]
    squared = Fraction(str(one["squared_l2"]))
    pairs = list(zip(weights, drawn, strict=True))
    epsilon: int | None = None
    if one["mechanism"] == LAPLACE:
        l1 = Fraction(str(one["l1"]))
        price = max(scales.laplace_nano_rho(l1 / w, s) for w, s in pairs)
        epsilon = _at_most(max(scales.pure_nano_epsilon(l1 / w, s) for w, s in pairs), one, "nano_epsilon")
    else:
        price = max(scales.gaussian_nano_rho(squared / (w * w), s) for w, s in pairs)
    total = _at_most(price, one)
    clip = cast("Json | None", one.get("clip"))
    if clip is None:
        return total, epsilon
    total += _clip_price(clip, squared)
    if epsilon is not None:
        epsilon += _clip_epsilon(clip)
    return total, epsilon


def _clip_epsilon(clip: Json) -> int:
    """Return the price of the choice in nano-epsilon: twice the change of one score over its scale."""
    if clip["mechanism"] == "kept":
        return 0
    twice = Fraction(2 * int(str(clip["sensitivity"])))
    return _at_most(scales.pure_nano_epsilon(twice, _real(clip["scale"])), clip, "nano_epsilon")


def _clip_price(clip: Json, squared: Fraction) -> int:
    """Return the price of an automatic clip, once the noise is seen to belong to the norm that was chosen."""
    chosen = str(clip["chosen"])
    if (
        chosen not in [str(n) for n in cast("list[object]", clip["norms"])]
        or squared != (int(chosen) * FINE) ** 2
    ):
        msg = "the noise does not belong to the norm that was chosen"
        raise ValueError(msg)
    return _choice_price(clip)


def _bound_price(bound: Json) -> int:
    """Return the price of a bound that was found first, once it is seen to be one of its candidates."""
    if bound["mechanism"] != "kept" and bound["chosen"] not in cast("list[object]", bound["grid"]):
        msg = "a bound is none of its candidates"
        raise ValueError(msg)
    return _choice_price(bound)


def _choice_price(one: Json) -> int:
    """Return the price of a choice; a kept bound was paid for by the release that found it."""
    if one["mechanism"] == "kept":
        return 0
    return _at_most(scales.choice_nano_rho(int(str(one["sensitivity"])), _real(one["scale"])), one)


def _at_most(price: int, one: Json, scale: str = "nano_rho") -> int:
    """Return the stated price if the computed one does not exceed it; the computed one where none is stated."""
    if scale != "nano_rho" and one.get(scale) is None:
        return price
    stated = int(str(one[scale]))
    if price > stated:
        msg = "a mechanism costs more than it says"
        raise ValueError(msg)
    return stated


def _real(value: object) -> float:
    return float(str(value))
