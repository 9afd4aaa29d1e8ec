"""What a certificate shows of a plan: mechanisms with their public parameters, and the price computed from them again.

`evidence` is kept with every release; `reprice` needs nothing but that text, so anybody can do the sum. Whole
numbers that may leave 53 bits are texts of digits.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import cast

from jali.model.money import Cost
from jali.plan.exact import FINE, AutoClip, Group
from jali.plan.noise import LAPLACE, Noise, Selection, rank_weights
from jali.plan.noisy import Noisy
from jali.plan.private import PrivatePlan
from jali.privacy import noise as scales
from jali.sql.show import in_common_words

Json = Mapping[str, object]


def evidence(plan: PrivatePlan, noisy: Noisy, salt: str = "") -> dict[str, object]:
    """Return plan text, mechanisms and selection of a release as JSON values; every number in it is public.

    `salt` opens the digest of the plan in the audit log.
    """
    return {
        "plan": plan.measure_text(),
        "plan_salt": salt,
        "mechanisms": [_mechanism(noise, plan, noisy) for noise in plan.noises],
        "selection": _selection(plan.selection) if plan.selection is not None else None,
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
        shown["l1"] = str(_l1(noise))
    if isinstance(noise.group, Group) and isinstance(noise.group.bound, AutoClip):
        bound = noise.group.bound
        shown["clip"] = {
            "mechanism": "exponential",
            "nano_rho": noise.choice_nano_rho,
            "sensitivity": str(max(rank_weights(bound.rank))),
            "scale": noise.choice_scale,
            "norms": [str(n) for n in bound.norms],
            "chosen": str(norm),
        }
    return shown


def _l1(noise: Noise) -> int:
    group = noise.group
    return (group.l1 or 0) if isinstance(group, Group) else group.max_keys * group.per_key


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
    """Return the price of a release computed from its evidence alone.

    Raises:
        ValueError: if a mechanism costs more than it says, or the evidence is incomplete.

    Example:
        >>> one = {"mechanism": "discrete_gaussian", "nano_rho": 500_000_000, "scales": [2.0], "weights": [1],
        ...        "squared_l2": "4"}
        >>> reprice({"mechanisms": [one], "selection": None})
        Cost(nano_rho=500000000, atto_delta=0)
    """
    try:
        rho = sum(_price(cast("Json", one)) for one in cast("list[object]", found["mechanisms"]))
        selection = found["selection"]
        if selection is None:
            return Cost(rho)
        chosen = cast("Json", selection)
        price = scales.gaussian_nano_rho(Fraction(str(chosen["squared_l2"])), _real(chosen["scale"]))
        return Cost(rho + _at_most(price, chosen), int(str(chosen["atto_delta"])))
    except (KeyError, TypeError, ZeroDivisionError, OverflowError) as error:
        msg = "the evidence is incomplete"
        raise ValueError(msg) from error


def _price(one: Json) -> int:
    drawn = [_real(s) for s in cast("list[object]", one["scales"])]
    weights = [int(str(w)) for w in cast("list[object]", one["weights"])]
    squared = Fraction(str(one["squared_l2"]))
    if one["mechanism"] == LAPLACE:
        price = scales.laplace_nano_rho(int(str(one["l1"])), drawn[0])
    else:
        pairs = zip(weights, drawn, strict=True)
        price = max(scales.gaussian_nano_rho(squared / (w * w), s) for w, s in pairs)
    total = _at_most(price, one)
    clip = one.get("clip")
    return total if clip is None else total + _clip_price(cast("Json", clip), squared)


def _clip_price(clip: Json, squared: Fraction) -> int:
    """Return the price of an automatic clip, once the noise is seen to belong to the norm that was chosen."""
    chosen = str(clip["chosen"])
    if (
        chosen not in [str(n) for n in cast("list[object]", clip["norms"])]
        or squared != (int(chosen) * FINE) ** 2
    ):
        msg = "the noise does not belong to the norm that was chosen"
        raise ValueError(msg)
    return _at_most(scales.choice_nano_rho(int(str(clip["sensitivity"])), _real(clip["scale"])), clip)


def _at_most(price: int, one: Json) -> int:
    """Return the stated price if the computed one does not exceed it."""
    stated = int(str(one["nano_rho"]))
    if price > stated:
        msg = "a mechanism costs more than it says"
        raise ValueError(msg)
    return stated


def _real(value: object) -> float:
    return float(str(value))
