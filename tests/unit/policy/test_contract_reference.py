"""Both reference contracts load cleanly and say what they say."""

from fractions import Fraction
from importlib.resources import files
from pathlib import Path

import pytest

from jali.model.schema import AutoBound, Column, GroupBy, ListedDomain, PublicDomain, SelectedDomain
from jali.model.types import DATE, IDENTIFIER, INTEGER, TEXT, TIMESTAMP, UNIT, Kind, Type
from jali.policy.contract import Contract, digest, load_contract
from jali.policy.source import read_yaml

GROCER = Path(str(files("jali"))) / "examples/complete_journey/contracts/complete-journey.odcs.yaml"
HOSPITAL = Path(__file__).parents[2] / "data/hospital/contracts/hospital-stays.odcs.yaml"


def loaded(path: Path) -> Contract:
    contract, findings = load_contract(path)
    assert findings == ()
    assert contract is not None
    return contract


@pytest.fixture(scope="module")
def grocer() -> Contract:
    return loaded(GROCER)


@pytest.fixture(scope="module")
def hospital() -> Contract:
    return loaded(HOSPITAL)


def column(contract: Contract, label: str) -> Column:
    table, name = label.split(".")
    found = contract.table(table)
    assert found is not None
    made = found.column(name)
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("label", "type_"),
    [
        ("demographics.household_id", UNIT),
        ("transactions.household_id", UNIT),
        ("coupon_redemptions.household_id", UNIT),
        ("transactions.basket_id", IDENTIFIER),
        ("transactions.product_id", INTEGER),
        ("transactions.quantity", INTEGER),
        ("transactions.sales_value", Type(Kind.NUMBER, Fraction(1, 100))),
        ("transactions.transaction_timestamp", TIMESTAMP),
        ("coupon_redemptions.redemption_date", DATE),
        ("demographics.age", TEXT),
    ],
)
def test_the_grocer_stores_these_types(grocer: Contract, label: str, type_: Type) -> None:
    assert column(grocer, label).type == type_


@pytest.mark.parametrize(
    ("label", "type_"),
    [
        ("patients.patient_id", UNIT),
        ("stays.patient_id", UNIT),
        ("patients.nhs_number", IDENTIFIER),
        ("patients.birth_date", INTEGER),
        ("patients.postcode", TEXT),
        ("stays.stay_id", IDENTIFIER),
        ("stay_drugs.stay_id", IDENTIFIER),
        ("stays.admitted_at", TIMESTAMP),
        ("stays.los_days", Type(Kind.NUMBER, Fraction(1, 4))),
    ],
)
def test_the_hospital_stores_these_types(hospital: Contract, label: str, type_: Type) -> None:
    assert column(hospital, label).type == type_


def test_a_foreign_key_inherits_its_targets_transform(hospital: Contract) -> None:
    assert column(hospital, "stays.patient_id").transform == column(hospital, "patients.patient_id").transform
    assert column(hospital, "stay_drugs.stay_id").transform == column(hospital, "stays.stay_id").transform


def test_a_dropped_column_neither_lands_nor_reads(grocer: Contract) -> None:
    dropped = column(grocer, "demographics.marital_status")
    assert (dropped.lands, dropped.readable, dropped.may_filter) == (False, False, False)


def test_domains_hold_stored_values(grocer: Contract, hospital: Contract) -> None:
    weeks = column(grocer, "transactions.week").domain
    assert weeks == ListedDomain(tuple(range(1, 54)))
    hours = column(grocer, "transactions.transaction_timestamp").domain
    assert isinstance(hours, ListedDomain)
    assert (hours.values[0], hours.values[-1]) == ("2017-01-01 00:00:00", "2018-01-01 23:00:00")
    days = column(grocer, "coupon_redemptions.redemption_date").domain
    assert isinstance(days, ListedDomain)
    assert (len(days.values), days.values[-1]) == (365, "2017-12-31")
    assert column(hospital, "patients.birth_date").domain == ListedDomain(tuple(range(1920, 2026, 5)))
    assert column(hospital, "patients.postcode").domain == PublicDomain("postcode_areas", "area")
    assert column(hospital, "stays.diagnosis_icd10").domain == SelectedDomain()


def test_default_deny_for_grouping_and_conditions(grocer: Contract) -> None:
    assert column(grocer, "transactions.quantity").group_by is GroupBy.DENIED
    assert column(grocer, "transactions.quantity").may_filter
    assert not column(grocer, "transactions.basket_id").may_filter


def test_contribution_and_terms(grocer: Contract) -> None:
    transactions = grocer.table("TRANSACTIONS")
    assert transactions is not None
    caps = transactions.contribution
    assert (caps.max_rows, caps.max_groups, caps.clip) == (5000, 300, {"*": AutoBound()})
    assert caps.max_distinct == {"basket_id": 800, "product_id": 3000}
    assert grocer.output.key_delta == Fraction(1, 10**9)
    assert grocer.budget.per_purpose == {"assortment": 10, "marketing": 4}
    assert grocer.allowed_backends() == {"central", "mpc", "he"}
    assert grocer.team_roles == {"data owner", "data protection officer"}
    assert grocer.hints.units == 2500
    assert [access.role for access in grocer.access_for(frozenset({"marketer"}))] == ["marketer"]
    assert grocer.place("budget", "perAnalyst").line == 118


def test_rules_point_at_their_line(grocer: Contract) -> None:
    line = int(column(grocer, "transactions.week").rule.rsplit(" ", 1)[1])
    assert "range: {from: 1, until: 53, step: 1}" in GROCER.read_text().splitlines()[line - 1]


def test_the_path_to_the_unit_is_kept(hospital: Contract) -> None:
    drugs = hospital.table("stay_drugs")
    assert drugs is not None
    assert drugs.unit_path == ("stay_drugs.stay_id", "stays.stay_id", "stays.patient_id")
    assert drugs.unit_column is None


def test_the_digest_depends_on_meaning_not_on_layout(tmp_path: Path, grocer: Contract) -> None:
    text = GROCER.read_text()
    same = tmp_path / "same.odcs.yaml"
    same.write_text(
        "# a comment\n" + text.replace("1.0e-9", "0.0000000010").replace("epsilon: 12}", "epsilon: 12.0}")
    )
    other = tmp_path / "other.odcs.yaml"
    other.write_text(text.replace("keyDelta: 1.0e-9", "keyDelta: 1.1e-9"))
    assert loaded(same).digest == grocer.digest
    assert loaded(other).digest != grocer.digest


def test_the_digest_is_plain_rfc8785() -> None:
    """Anybody with a YAML reader, a JSON writer and SHA-256 gets the same digest."""
    import hashlib

    import rfc8785
    from ruamel.yaml import YAML

    tree = YAML(typ="safe").load(GROCER)
    document, _ = read_yaml(GROCER)
    assert document is not None
    assert digest(document.tree) == "sha256:" + hashlib.sha256(rfc8785.dumps(tree)).hexdigest()
