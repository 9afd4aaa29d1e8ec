"""All rules of a house together."""

# ruff: noqa: E501  the table of cases reads best with one case a line

import re
from pathlib import Path

import pytest

from jali.model.codes import ContractInvalid, UnknownAnalyst
from jali.policy.findings import Finding
from jali.policy.house import load_policies, read_policies
from jali.policy.settings import load_settings

CONTRACT = "contracts/complete-journey.odcs.yaml"
POPULATION = "populations/grocer-households.yaml"


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def found(house: Path) -> tuple[Finding, ...]:
    return read_policies(load_settings(house))[1]


def test_the_demo_house_loads(house: Path) -> None:
    policies = load_policies(load_settings(house))
    assert sorted(policies.catalog.tables) == [
        "campaign_descriptions",
        "coupon_redemptions",
        "demographics",
        "products",
        "transactions",
    ]
    contract = policies.contract_of("Transactions")
    assert contract is not None
    assert policies.population_of(contract).name == "grocer-households"
    assert policies.contract_of("nothing") is None
    assert policies.user("ana") == {"analyst"}
    with pytest.raises(UnknownAnalyst):
        policies.user("eve")
    assert found(house) == ()


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "words"),
    [
        (CONTRACT, "population: grocer-households", "population: shoppers", "H103", "does not exist; known: grocer-households"),
        (POPULATION, "key: household_id", "key: customer_id", "H104", "protects: customer_id"),
        (POPULATION, "lifetime: {epsilon: 24}", "lifetime: {epsilon: 11}", "H105", "allowed: at most 11, the lifetime"),
        (POPULATION, "keys: 5.0e-6", "keys: 1.0e-10", "H106", "keyDelta is 0.000000001; allowed: at most 0.0000000001"),
        (POPULATION, "change: [data owner,", "change: [auditor,", "H107", "needs a auditor"),
        (POPULATION, "blocks: none", "blocks: daily", "H103", "is not valid itself"),
        (POPULATION, "lifetime: {epsilon: 24}", "lifetime: {epsilon: 31}", "A201", "breaks article A2"),
    ],
)  # fmt: skip
def test_files_are_held_against_each_other(
    house: Path, file: str, old: str, new: str, code: str, words: str
) -> None:
    change(house / file, old, new)
    findings = found(house)
    assert any(f.code == code and words in f.text and f.line > 1 for f in findings), [
        str(f) for f in findings
    ]
    with pytest.raises(ContractInvalid):
        load_policies(load_settings(house))


def test_a_table_of_two_contracts_is_an_error(house: Path) -> None:
    text = (house / CONTRACT).read_text()
    (house / "contracts/copy.odcs.yaml").write_text(text.replace("complete-journey", "copy"))
    findings = found(house)
    assert {f.text for f in findings if f.code == "H110"} >= {
        "table products is declared by complete-journey.odcs.yaml too; one contract owns one table"
    }
    assert not [f for f in findings if f.code == "H109"]


def test_a_contract_id_twice_is_an_error(house: Path) -> None:
    (house / "contracts/copy.odcs.yaml").write_text((house / CONTRACT).read_text())
    assert "H109" in {f.code for f in found(house)}


def test_two_contracts_of_one_population_share_the_pseudonym(house: Path) -> None:
    text = (
        (house / CONTRACT)
        .read_text()
        .replace("complete-journey", "copy")
        .replace("keys:household", "keys:other")
    )
    for name in ("demographics", "transactions", "coupon_redemptions", "products", "campaign_descriptions"):
        text = re.sub(rf"\b{name}\b", f"{name}2", text)
    (house / "contracts/copy.odcs.yaml").write_text(text)
    assert {f.code for f in found(house)} == {"H111"}


REDEMPTIONS = "  - name: coupon_redemptions"


def rename_unit_of_redemptions(house: Path) -> None:
    """Call the unit column of one table redeemed_by; its foreign key still leads to household_id."""
    text = (house / CONTRACT).read_text()
    before, table = text.split(REDEMPTIONS)
    table = table.replace("{name: household_id,", "{name: redeemed_by,", 1)
    table = table.replace("unitKey: household_id", "unitKey: redeemed_by", 1)
    (house / CONTRACT).write_text(before + REDEMPTIONS + table)


def test_a_unit_column_of_another_name_belongs_to_the_unit_its_foreign_key_leads_to(house: Path) -> None:
    rename_unit_of_redemptions(house)
    tables = load_policies(load_settings(house)).catalog.tables
    assert tables["coupon_redemptions"].unit_column == "redeemed_by"
    assert {t.unit for t in tables.values()} == {None, "household_id"}


def test_a_unit_column_of_another_name_without_a_foreign_key_is_an_error(house: Path) -> None:
    rename_unit_of_redemptions(house)
    alone = "{name: redeemed_by, logicalType: integer, required: true,"
    change(
        house / CONTRACT,
        alone + " relationships: [{type: foreignKey, to: demographics.household_id}],",
        alone,
    )
    assert any(f.code == "H104" and "declare its foreign key" in f.text for f in found(house))


def test_two_populations_of_one_id_are_an_error(house: Path) -> None:
    (house / "populations/copy.yaml").write_text((house / POPULATION).read_text())
    assert "H102" in {f.code for f in found(house)}


def test_empty_folders_are_findings(house: Path) -> None:
    (house / CONTRACT).unlink()
    (house / POPULATION).unlink()
    (house / "charter.yaml").unlink()
    assert [f.code for f in found(house)].count("H101") == 2
    assert "Y001" in {f.code for f in found(house)}


def test_every_reason_comes_at_once(house: Path) -> None:
    change(house / CONTRACT, "epsilon: 12}", "epsilon: 9}")
    change(house / POPULATION, "blocks: none", "blocks: daily")
    change(house / "charter.yaml", "id: A2", "id: A1")
    with pytest.raises(ContractInvalid) as caught:
        load_policies(load_settings(house))
    text = str(caught.value)
    assert all(word in text for word in ("C412", "S003", "A101"))
    assert all(reason.where for reason in caught.value.reasons)


def test_warnings_do_not_stop_a_house(house: Path) -> None:
    change(house / "jali.toml", 'roles = ["marketer"]', "roles = []")
    change(house / "jali.toml", "[sources.products]", "[sources.unknown]")
    policies, findings = read_policies(load_settings(house))
    assert policies is not None
    assert {f.code for f in findings} == {"H108", "H112"}
