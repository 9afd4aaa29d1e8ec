"""`jali check`: findings, the account table and the horizon of the reference contract."""

from fractions import Fraction
from pathlib import Path

import pytest

from jali.govern.check import account_table, check_folder, check_house, horizons, rho_text
from jali.policy.house import load_policies
from jali.policy.settings import load_settings

CONTRACT = "contracts/complete-journey.odcs.yaml"


def fake_rho(epsilon: Fraction, delta: Fraction) -> int:
    """Monotone and easy to compute by head: epsilon squared in milli-rho."""
    assert delta == Fraction(5, 10**6)
    return int(epsilon**2 * 10**6)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_demo_house_is_clean(house: Path) -> None:
    assert check_house(load_settings(house)) == []
    assert check_folder(house) == []


def test_the_reference_accounts_cost_what_the_contract_says(house: Path) -> None:
    accounts = {a.name: a for a in account_table(load_policies(load_settings(house)))}
    said = {
        "lifetime": (24, "6.880"),
        "period": (12, "2.298"),
        "purpose:assortment": (10, "1.702"),
        "purpose:marketing": (4, "0.352"),
        "analyst": (8, "1.170"),
        "query max": (2, "0.101"),
        "query default": (1, "0.0284"),
    }
    assert list(accounts) == list(said)
    for name, (epsilon, rho) in said.items():
        assert accounts[name].epsilon == epsilon
        assert (
            abs(accounts[name].nano_rho - Fraction(rho) * 10**9) < 600_000
        )  # the comments keep three decimals
    assert accounts["analyst"].questions_at_default == 41


def test_the_reference_lifetime_lasts_almost_three_years(house: Path) -> None:
    (horizon,) = horizons(load_policies(load_settings(house)))
    assert int(horizon.years * 100) == 299
    assert (horizon.questions, horizon.key_questions, horizon.rows_kept) == (242, 5000, "P15Y")
    assert str(horizon) == (
        "lifetime lasts 2.99 years at the full rate, 242 questions at the default;"
        " delta.keys pays 5000 questions with found keys; rows are kept P15Y"
    )


def test_accounts_use_the_conversion_they_are_given(house: Path) -> None:
    policies = load_policies(load_settings(house))
    accounts = {a.name: a for a in account_table(policies, fake_rho)}
    assert (accounts["analyst"].nano_rho, accounts["analyst"].questions_at_default) == (64_000_000, 64)
    assert horizons(policies, fake_rho)[0].years == 4


def test_shorter_periods_use_the_lifetime_faster(house: Path) -> None:
    change(house / CONTRACT, "period: P1Y", "period: P3M")
    assert horizons(load_policies(load_settings(house)), fake_rho)[0].years == 1


def test_errors_of_all_files_come_together(house: Path) -> None:
    change(house / CONTRACT, "onExceed: sample", "onExceed: fail")
    change(house / "charter.yaml", "id: A2", "id: A1")
    findings = check_house(load_settings(house))
    assert {"S003", "A101"} <= {finding.code for finding in findings}
    assert all(finding.line >= 1 and finding.file for finding in findings)


def test_a_broken_jali_toml_is_a_finding(house: Path) -> None:
    change(house / "jali.toml", "store", "stroe")
    assert [finding.code for finding in check_folder(house)] == ["S002"]


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        (
            "marketing: {epsilon: 4}",
            "marketing: {epsilon: 10}",
            "G102",
            "add up to rho 3.403, the period has 2.299",
        ),
        ("perAnalyst: {epsilon: 8}", "perAnalyst: {epsilon: 2}", "G103", "one question"),
    ],
)
def test_doubtful_budgets_are_warned_about(house: Path, old: str, new: str, code: str, words: str) -> None:
    change(house / CONTRACT, old, new)
    (finding,) = check_house(load_settings(house))
    assert (finding.code, finding.severity) == (code, "warning")
    assert words in finding.text
    assert finding.line > 100


def test_a_default_worth_nothing_is_an_error(house: Path) -> None:
    findings = check_house(load_settings(house), lambda epsilon, _delta: 0 if epsilon == 1 else 10**9)
    assert "G101" in {finding.code for finding in findings if finding.severity == "error"}


def test_rho_is_shown_with_the_digits_of_the_contract() -> None:
    assert [rho_text(n) for n in (0, 28_396_703, 101_340_637, 6_879_567_248)] == [
        "0.0000",
        "0.0284",
        "0.101",
        "6.880",
    ]
