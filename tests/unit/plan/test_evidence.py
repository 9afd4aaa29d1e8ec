"""The price of a release, computed again from the evidence it carries."""

from fractions import Fraction
from typing import Any

import pytest

from jali.model.codes import LedgerFailed
from jali.plan.evidence import reprice
from jali.plan.exact import FINE
from jali.plan.noisy import Noisy
from jali.privacy import noise

PRICE = 10_000_000
NORM = 40
SIGMA = noise.sigma_for(Fraction((NORM * FINE) ** 2), PRICE)
CHOICE = noise.choice_scale_for(24, PRICE)
LAPLACE_SCALE = noise.laplace_scale_for(7, PRICE)


def _clipped(**changed: object) -> dict[str, Any]:
    clip: dict[str, object] = {
        "mechanism": "exponential",
        "nano_rho": PRICE,
        "sensitivity": "24",
        "scale": CHOICE,
        "norms": ["10", str(NORM)],
        "chosen": str(NORM),
    }
    return {
        "mechanism": "discrete_gaussian",
        "nano_rho": PRICE,
        "scales": [SIGMA],
        "weights": [1],
        "squared_l2": str((NORM * FINE) ** 2),
        "clip": clip | changed,
    }


def _laplace(**changed: object) -> dict[str, Any]:
    return {
        "mechanism": "discrete_laplace",
        "nano_rho": PRICE,
        "scales": [LAPLACE_SCALE],
        "weights": [1],
        "squared_l2": "49",
        "l1": "7",
    } | changed


def _of(*mechanisms: dict[str, Any]) -> dict[str, object]:
    return {"mechanisms": list(mechanisms), "selection": None}


def test_the_choice_of_a_clip_is_part_of_the_price() -> None:
    assert reprice(_of(_clipped())).nano_rho == 2 * PRICE


def test_laplace_noise_is_priced_by_its_l1_sensitivity() -> None:
    assert reprice(_of(_laplace())).nano_rho == PRICE
    assert reprice(_of(_laplace(), _clipped())).nano_rho == 3 * PRICE


@pytest.mark.parametrize(
    "one",
    [
        _clipped(chosen="41"),
        _clipped(chosen="10"),
        _clipped(norms=["10"]),
        _clipped(sensitivity="25"),
        _clipped(scale=CHOICE / 2),
        _clipped(nano_rho=PRICE - 1),
        _laplace(l1="8"),
        _laplace(scales=[LAPLACE_SCALE / 2]),
        _laplace(nano_rho=PRICE // 2),
        {**_clipped(), "scales": [SIGMA / 1.01]},
        {**_clipped(), "squared_l2": str((NORM * FINE + 1) ** 2)},
    ],
)
def test_evidence_that_understates_a_price_does_not_hold(one: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"more than it says|does not belong"):
        reprice(_of(one))


def _selected(**changed: object) -> dict[str, object]:
    chosen = {"nano_rho": PRICE, "atto_delta": 10**11, "scale": SIGMA, "squared_l2": str((NORM * FINE) ** 2)}
    return {"mechanisms": [], "selection": chosen | changed}


def test_choosing_keys_costs_rho_and_delta() -> None:
    cost = reprice(_selected())
    assert (cost.nano_rho, cost.atto_delta) == (PRICE, 10**11)


@pytest.mark.parametrize(
    "changed", [{"nano_rho": PRICE - 1}, {"scale": SIGMA / 1.01}, {"squared_l2": str((2 * NORM * FINE) ** 2)}]
)
def test_a_choice_of_keys_that_understates_its_price_does_not_hold(changed: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="more than it says"):
        reprice(_selected(**changed))


@pytest.mark.parametrize("lost", ["nano_rho", "scales", "weights", "squared_l2"])
def test_evidence_with_a_part_missing_does_not_hold(lost: str) -> None:
    one = _clipped()
    del one[lost]
    with pytest.raises(ValueError, match="incomplete"):
        reprice(_of(one))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"keys": []}', '{"keys": 1, "values": {}, "norms": {}}']
)
def test_a_damaged_kept_answer_is_named_as_one(text: str) -> None:
    with pytest.raises(LedgerFailed):
        Noisy.from_json(text)


def test_a_kept_answer_comes_back_as_it_was() -> None:
    one = Noisy(keys=(("a", 1), (None, -2)), values={"n": (3, 2**62)}, norms={"g": 40})
    assert Noisy.from_json(one.to_json()) == one
