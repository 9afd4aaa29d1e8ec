"""One change to a reference contract, one finding: code, line and words."""

# ruff: noqa: E501  the table of cases reads best with one case a line

import re
from pathlib import Path

import pytest

from jali.policy.contract import load_contract

ROOT = Path(__file__).parents[3]
TEXTS = {
    "g": (ROOT / "src/jali/examples/complete_journey/contracts/complete-journey.odcs.yaml").read_text(),
    "h": (ROOT / "tests/data/hospital/contracts/hospital-stays.odcs.yaml").read_text(),
}
HOUSEHOLD = 'transform: {kind: hmac, key: "keys:household", context: household}'
BASKET = 'transform: {kind: hmac, key: "keys:basket", context: basket}'
STEP = "domain: {range: {from: 1, until: 53, step: 1}}"
HOURS = 'domain: {range: {from: "2017-01-01", until: "2018-01-02", step: PT1H}}'
DAYS = 'domain: {range: {from: "2017-01-01", until: "2018-01-01", step: P1D}}'
SALES = "bounds: {lower: 0, upper: 100, resolution: 0.01, center: 3}, perUnit: {upper: 20000}"
CAPS = "maxRows: 5000, maxGroups: 300"
PATH = "unitPath: [stay_drugs.stay_id, stays.stay_id, stays.patient_id]"
BORN = "transform: {kind: bin, to: year, width: 5, from: 1920, until: 2026}"
AGES = "domain: {range: {from: 1920, until: 2025, step: 5}}"
CASES = [
    # name, contract, text replaced (first time), by, code, words
    # --- the standard and the head
    ("old standard", "g", "apiVersion: v3.2.0", "apiVersion: v3.1.0", "C111", "'v3.1.0'; allowed: v3.2.0"),
    ("other kind", "g", "kind: DataContract", "kind: Contract", "S001", "kind breaks ODCS 3.2.0"),
    ("key unknown to ODCS", "g", "status: active", "statuss: active", "S001", "statuss"),
    ("strange id", "g", "id: urn:contract", 'id: "a b', "Y004", "not YAML"),
    ("id with a space", "g", "id: urn:contract:grocer:complete-journey", "id: a b", "C112", "'a b'"),
    ("version as number", "g", "version: 1.0.0", "version: 1.0", "C113", "put it in quotes"),
    ("vendor left out", "g", "vendor: jali, value: {class: quasi", "value: {class: quasi", "C101", "vendor: jali"),
    ("table twice", "g", "name: coupon_redemptions", "name: Transactions", "C104", "Transactions is declared twice"),
    ("column twice", "g", "name: store_id", "name: week", "C104", "transactions.week is declared twice"),
    ("column name", "g", "name: store_id", "name: _unit", "C103", "'_unit' is no name"),
    ("column type missing", "g", "name: store_id, logicalType: integer", "name: store_id", "C115", "no logicalType"),
    ("composite relationship", "g", "to: products.product_id", "to: [products.product_id]", "C107", "one table.column"),
    # --- classes and transforms
    ("unknown class", "g", "class: open_domain, groupBy: denied", "class: public, groupBy: denied", "S003", "'public'"),
    ("no class", "g", "class: sensitive, aggregates", "aggregates", "S004", "lacks the key 'class'"),
    ("misspelt key", "g", "groupBy: binned", "groupby: binned", "S002", "did you mean groupBy"),
    ("identifier shown", "g", "output: never, aggregates", "aggregates", "C234", "add output: never"),
    ("identifier raw", "g", f", {BASKET}", "", "C235", "add a transform (hmac, ff1, token_vault) or ingest: drop"),
    ("identifier prefix", "h", 'transform: {kind: hmac, key: "keys:stay", context: stays}',
     "transform: {kind: prefix, length: 2}", "C235", "stays.stay_id is an identifier"),
    ("identifier filtered", "g", BASKET, BASKET + ", filter: allowed", "C236", "filter: denied"),
    ("identifier grouped", "g", BASKET, BASKET + ", groupBy: allowed", "C233", "cannot be a key"),
    ("identifier summed", "g", "aggregates: [count_distinct], transform", "aggregates: [sum], transform", "C237", "not sum"),
    ("identifier kept", "h", "ingest: tokenise", "ingest: keep", "C238", "drop or tokenise, not keep"),
    ("identifier listed", "g", BASKET, BASKET + ", domain: {values: [1]}", "C222", "remove domain"),
    ("pseudonym of a quasi", "g", "class: quasi, groupBy: allowed, domain: {from: dp_key_selection}}}]}\n      - {name: basket",
     'class: quasi, transform: {kind: hmac, key: "keys:s", context: s}}}]}\n      - {name: basket', "C232", "not quasi"),
    ("matchKey", "g", "class: quasi, groupBy", "class: quasi, matchKey: true, groupBy", "C239", "no matchKey"),
    ("masked somehow", "g", "class: quasi, groupBy", "class: quasi, ingest: mask, groupBy", "C240", "how is missing"),
    ("key without context", "g", ", context: basket}", "}", "C202", "lacks 'context'"),
    ("prefix with a key", "h", "kind: prefix, length: 3", "kind: prefix, length: 3, width: 2", "C203", "takes no 'width'"),
    ("prefix of a number", "g", "class: quasi, groupBy: allowed, domain: {range: {from: 1",
     "class: quasi, transform: {kind: prefix, length: 1}, groupBy: allowed, domain: {range: {from: 1", "C204", "integer"),
    ("unknown transform", "g", "kind: truncate", "kind: shorten", "S003", "'shorten'; allowed: hmac"),
    ("key outside the vault", "g", 'key: "keys:basket"', "key: secret123", "S003", "keys:household"),
    ("bin to month", "h", "to: year, width", "to: month, width", "C205", "needs to: year"),
    ("bin upside down", "h", "from: 1920, until: 2026}", "from: 2026, until: 1920}", "C206", "from must be below until"),
    ("foreign key under another key", "g", HOUSEHOLD + "}}]}\n      - {name: store_id",
     HOUSEHOLD.replace("keys:household", "keys:other") + "}}]}\n      - {name: store_id", "C201", "leave it out here"),
    ("foreign key to nothing", "g", "to: products.product_id", "to: products.sku", "C331", "products.sku, which does not exist"),
    ("foreign key of another type", "g", "{name: product_id, logicalType: integer, relationships",
     "{name: product_id, logicalType: string, relationships", "C333", "is string"),
    ("foreign key to an identifier", "h", "{class: identifier, output: never}}]}\n      - {name: ward",
     "{class: quasi}}]}\n      - {name: ward", "C334", "its class is identifier"),
    # --- numbers and aggregates
    ("number without grid", "g", f" groupBy: binned, {SALES},", "", "C208", "add bounds.resolution"),
    ("half a bound", "g", "lower: 0, upper: 100,", "lower: 0,", "C213", "need both lower and upper"),
    ("bounds upside down", "g", "lower: 0, upper: 100,", "lower: 100, upper: 0,", "C213", "lower must be below upper"),
    ("center outside", "g", "center: 3}", "center: 300}", "C213", "allowed: from 0 to 100"),
    ("bounds auto", "g", SALES, "bounds: auto, perUnit: {upper: 20000}", "C211", "give lower and upper"),
    ("bounds as text", "g", "lower: 0, upper: 100,", "lower: zero, upper: 100,", "S003", "'zero'; allowed: a decimal"),
    ("bounds of a text", "g", "class: quasi, groupBy: allowed, domain: {from: enum}",
     "class: quasi, bounds: {lower: 0, upper: 1}, groupBy: allowed, domain: {from: enum}", "C212", "only numbers"),
    ("integer in quarters", "g", "upper: 20, resolution: 1,", "upper: 20, resolution: 0.25,", "C214", "not 0.25"),
    ("resolution too fine", "g", "upper: 100, resolution: 0.01", "upper: 100, resolution: 1.0e-12", "C214", "9 decimals"),
    ("resolution zero", "g", "upper: 100, resolution: 0.01", "upper: 100, resolution: 0", "S003", "a number above 0"),
    ("not a number", "g", "lower: 0, upper: 100", "lower: .nan, upper: 100", "Y007", "not a finite number"),
    ("endless number", "g", "lower: 0, upper: 100", "lower: 0, upper: 1e400", "Y007", "too many digits"),
    ("unknown aggregate", "g", "variance, quantile]", "median]", "S003", "'median'; allowed: count"),
    ("sum of text", "h", "aggregates: [count, count_distinct], domain", "aggregates: [sum], domain", "C215", "VARCHAR"),
    ("quantile without bounds", "h", "bounds: {lower: 0, upper: 60, resolution: 0.25, center: 4}",
     "bounds: {resolution: 0.25}", "C216", "add bounds"),
    ("sum without bounds or clip", "g", ", aggregates: [count, sum, mean, quantile, minmax], bounds: {lower: 0, upper: 20, resolution: 1, center: 1}, perUnit: {upper: 8000}",
     ", aggregates: [sum]", "C217", "needs an end"),
    ("perUnit of nothing", "g", "aggregates: [count_distinct], transform", "transform", "C218", "perUnit of transactions.basket_id"),
    ("perUnit zero", "g", "perUnit: {upper: 800}", "perUnit: {upper: 0}", "S003", "a number above 0"),
    # --- keys and domains
    ("unknown groupBy", "g", "groupBy: binned", "groupBy: yes", "S003", "'yes'; allowed: allowed, transformed"),
    ("key without domain", "g", f"groupBy: allowed, {STEP}", "groupBy: allowed", "C226", "needs a domain"),
    ("transformed without transform", "g", f"groupBy: allowed, {STEP}", f"groupBy: transformed, {STEP}", "C224", "no transform"),
    ("binned without range", "g", f"groupBy: allowed, {DAYS}", "groupBy: binned", "C225", "finite range"),
    ("two forms", "g", STEP, STEP.replace("{range", "{from: enum, range"), "C221", "write one of"),
    ("values seen", "g", "{from: dp_key_selection}", "{from: data}", "S003", "'data'; allowed: enum, dp_key_selection"),
    ("enum missing", "g", STEP, "domain: {from: enum}", "C221", "needs the column's own enum"),
    ("enum of numbers", "g", '[{value: "1"}, {value: "2"}', '[{value: 1}, {value: "2"}', "C221", "1 should be a text"),
    ("enum twice", "g", '{value: "2"}', '{value: "1"}', "C221", "listed twice"),
    ("reserved key", "g", '{value: "65+"}', '{value: "(other)"}', "C221", "always there"),
    ("private domain table", "g", "domain: {table: products, column: product_id}",
     "domain: {table: demographics, column: age}", "C221", "is not public"),
    ("unknown domain column", "g", "domain: {table: products, column: product_id}",
     "domain: {table: products, column: sku}", "C221", "no column products.sku"),
    ("domain of another type", "g", "domain: {table: products, column: product_id}",
     "domain: {table: products, column: brand}", "C221", "products.brand is string"),
    ("selection in public", "g", "domain: {table: products, column: brand}", "domain: {from: dp_key_selection}", "C222", "public"),
    ("range upside down", "g", "from: 1, until: 53", "from: 53, until: 1", "C221", "swap them"),
    ("range without step", "g", "until: 53, step: 1", "until: 53", "S004", "lacks the key 'step'"),
    ("step zero", "g", "until: 53, step: 1", "until: 53, step: 0", "C221", "step must be above 0"),
    ("off the grid", "g", "until: 53, step: 1", "until: 53, step: 0.5", "C221", "0.5 does not lie on the column's grid"),
    ("range too large", "g", "until: 53, step: 1", "until: 2000000, step: 1", "C221", "2000000 values are too many"),
    ("too many seconds", "g", "step: PT1H", "step: PT1S", "C221", "take a larger step"),
    ("too fine for the store", "g", "step: PT1H", "step: PT30M", "C221", "'2017-01-01 00:30:00' is never stored"),
    ("hours of a date", "g", "step: P1D}}}}]}", "step: PT1H}}}}]}", "C221", "whole days"),
    ("no duration", "g", "step: P1D}}}}]}", "step: daily}}}}]}", "C221", "ISO 8601 step"),
    ("mixed step", "g", "step: P1D}}}}]}", "step: P1M1D}}}}]}", "C221", "ISO 8601 step"),
    ("no day", "g", 'until: "2018-01-01"', 'until: "2018-02-30"', "C221", "should be YYYY-MM-DD"),
    ("end of month", "h", 'from: "2016-01-01", until', 'from: "2016-01-31", until', "C221", "day 1 to 28"),
    ("between the bins", "h", AGES, AGES.replace("step: 5", "step: 1"), "C221", "'1921' is never stored"),
    # --- tables
    ("unit column unknown", "g", "unitKey: household_id, unitRole: root", "unitKey: hh, unitRole: root", "C307", "columns: household_id"),
    ("no unit", "h", "unitKey: patient_id, contribution", "contribution", "C302", "exactly one"),
    ("unit and path", "h", PATH, PATH + ", unitKey: stay_id", "C302", "exactly one"),
    ("two units", "h", '{name: ward, logicalType: string, enum: [{value: "A&E"}, {value: ICU}, {value: Maternity}, {value: Surgery}, {value: Medicine}],\n         customProperties: [{property: privacy, vendor: jali, value: {class: open_domain, groupBy: allowed, domain: {from: enum}}}]}',
     "{name: ward, logicalType: string, relationships: [{to: patients.patient_id}], customProperties: [{property: privacy, vendor: jali, value: {class: identifier, output: never}}]}",
     "C303", "two unit columns"),
    ("unit under ff1", "h", 'transform: {kind: hmac, key: "keys:patient", context: patients}',
     'transform: {kind: ff1, key: "keys:patient", alphabet: digits}', "C308", "transform hmac"),
    ("root with many rows", "g", "contribution: {maxRows: 1}", "contribution: {maxRows: 2}", "C309", "maxRows is 1, not 2"),
    ("public without source", "g", "unitRole: public, source: catalogue", "unitRole: public", "C304", "add source"),
    ("public with a unit", "g", "unitRole: public, source", "unitKey: product_id, unitRole: public, source", "C305", "no unitKey"),
    ("identifier in public", "h", "{name: region, logicalType: string, customProperties: [{property: privacy, vendor: jali, value: {class: open_domain, groupBy: allowed, domain: {table: postcode_areas, column: region}}}]}",
     "{name: region, logicalType: string, customProperties: [{property: privacy, vendor: jali, value: {class: identifier, output: never, ingest: drop}}]}", "C231", "holds no person"),
    ("source of a private table", "g", "unitKey: household_id, unitRole: root", "unitKey: household_id, source: x, unitRole: root", "C301", "takes no source"),
    ("path too short", "h", PATH, "unitPath: [stay_drugs.stay_id, stays.patient_id]", "S003", "a list of table.column"),
    ("path off the keys", "h", PATH, "unitPath: [stay_drugs.atc_code, stays.stay_id, stays.patient_id]", "C311", "no foreign key"),
    ("path to no unit", "h", PATH, "unitPath: [stay_drugs.stay_id, stays.stay_id, stays.ward]", "C313", "end it at one"),
    ("path over many", "h", "{name: stay_id, logicalType: string, primaryKey: true", "{name: stay_id, logicalType: string", "C312", "primaryKey"),
    ("hidden unit", "g", BASKET, HOUSEHOLD, "C336", "transactions.basket_id has the unit's own key"),
    ("path beside a unit", "h", "{name: atc_code, logicalType: string,\n         customProperties: [{property: privacy, vendor: jali, value: {class: sensitive, transform: {kind: prefix, length: 4}, groupBy: transformed, aggregates: [count, count_distinct], domain: {from: dp_key_selection}}}]}",
     "{name: atc_code, logicalType: string, relationships: [{to: patients.patient_id}], customProperties: [{property: privacy, vendor: jali, value: {class: identifier, output: never}}]}", "C303", "by unitPath and carries it in atc_code"),
    ("two keys on one column", "g", "to: products.product_id}", "to: products.product_id}, {to: campaign_descriptions.campaign_id}", "C109", "two foreign keys"),
    ("two blocks", "g", "customProperties: [{property: privacy, vendor: jali, value: {unitRole: public", "customProperties: [{property: privacy, vendor: jali, value: {}}, {property: privacy, vendor: jali, value: {unitRole: public", "C102", "merge them"),
    ("relationship from elsewhere", "g", "description: Public catalogue; no personal data.", "relationships: [{type: foreignKey, from: transactions.week, to: campaign_descriptions.campaign_id}]", "C108", "name a column of products"),
    ("public to private", "g", "description: Public catalogue; no personal data.", "relationships: [{type: foreignKey, from: products.product_id, to: transactions.store_id}]", "C332", "refers to private transactions.store_id"),
    ("odd path", "h", PATH, "unitPath: [stay_drugs.stay_id, stays.stay_id, stays.patient_id, patients.patient_id]", "C310", "on to the unit"),
    ("path that jumps", "h", PATH, "unitPath: [stay_drugs.stay_id, stays.stay_id, patients.patient_id]", "C310", "go on with a column of stays"),
    ("nested column", "g", "name: store_id, logicalType: integer", "name: store_id, logicalType: array", "C207", "is of type array"),
    ("key that never lands", "g", "class: quasi, output: never, ingest: drop", "class: quasi, ingest: drop, groupBy: allowed", "C223", "never lands"),
    ("no contract block", "g", 'policyVersion: "1"', "", "S004", "policyVersion"),
    ("cap zero", "g", CAPS, "maxRows: 0, maxGroups: 300", "S003", "maxRows is 0"),
    ("cap auto", "g", CAPS, "maxRows: auto, maxGroups: 300", "C323", "joinRows can be auto"),
    ("auto without an end", "g", CAPS, "maxGroups: auto", "C324", "add maxRows"),
    ("cap of nothing", "g", "maxDistinct: {basket_id: 800", "maxDistinct: {basket: 800", "C321", "names basket"),
    ("cap of a measure", "g", "maxDistinct: {basket_id: 800", "maxDistinct: {quantity: 800", "C322", "count_distinct"),
    ("clip of nothing", "g", "clip: auto", "clip: {sales: 100}", "C321", "names sales"),
    ("clip negative", "g", "clip: auto", "clip: {sales_value: -1}", "S003", "a number above 0, or auto"),
    ("other overflow", "g", "onExceed: sample", "onExceed: fail", "S003", "'fail'; allowed: sample"),
    # --- terms
    ("policy version", "g", 'policyVersion: "1"', "policyVersion: 1", "S003", "policyVersion is 1; allowed: 1"),
    ("no population", "g", "population: grocer-households ", "x: y ", "S002", "unknown key 'x'"),
    ("hints upside down", "g", "p50: 400, p90: 1400", "p50: 4000, p90: 1400", "C401", "order them"),
    ("purpose twice", "g", "id: marketing", "id: assortment", "C402", "declared twice"),
    ("denied purpose", "g", '["dpv:CreditChecking"]', '["dpv:Marketing"]', "C403", "marketing is denied"),
    ("consent word", "g", "consent: objection", "consent: optout", "S003", "'optout'; allowed: none, objection, required"),
    ("consent key", "g", "unitKey: household_id}, epoch", "unitKey: customer}, epoch", "C413", "customer"),
    ("consent lag", "g", "maxLag: P1D", "maxLag: P0D", "C417", "'P0D' is no duration"),
    ("unknown signal", "g", "signals: [withdrawal,", "signals: [whim,", "S003", "'whim'"),
    ("access to nothing", "g", "purposes: [assortment]", "purposes: [pricing]", "C407", "declared: assortment, marketing"),
    ("access to closed trust", "g", "trust: [central, mpc]", "trust: [central, tee]", "C408", "allowed: central, mpc, he"),
    ("exact trust", "g", "trust: {central:", "trust: {exact: {allowed: true}, central:", "S002", "'exact'"),
    ("all may collude", "g", "minParties: 3, collusion: 2", "minParties: 2, collusion: 2", "C404", "allowed: fewer"),
    ("nothing trusted", "h", "trust: {central: {allowed: true}, mpc: {allowed: true, minParties: 3, collusion: 2}, he: {allowed: false}, tee: {allowed: true, attestation: required}",
     "trust: {central: {allowed: false}", "C405", "allow one"),
    ("selection without delta", "g", "keyDelta: 1.0e-9, ", "", "C409", "add output.keyDelta"),
    ("key delta one", "g", "keyDelta: 1.0e-9", "keyDelta: 1", "S003", "a number between 0 and 1"),
    ("no row limit", "g", ", maxRows: 10000", "", "S004", "lacks the key 'maxRows'"),
    ("share above period", "g", "{assortment: {epsilon: 10}", "{assortment: {epsilon: 13}", "C412", "at most 12, as perPeriod has"),
    ("analyst above period", "g", "perAnalyst: {epsilon: 8}", "perAnalyst: {epsilon: 12.5}", "C412", "12.5; allowed: at most 12"),
    ("question above analyst", "g", "{max: {epsilon: 2}", "{max: {epsilon: 9}", "C412", "perQuery.max is epsilon 9"),
    ("default above max", "g", "default: {epsilon: 1}", "default: {epsilon: 2.01}", "C412", "at most 2, as perQuery.max"),
    ("share of nothing", "g", "perPurpose: {assortment:", "perPurpose: {assort:", "C410", "share for assort"),
    ("purpose without share", "g", ", marketing: {epsilon: 4}", "", "C411", "marketing has no share"),
    ("negative epsilon", "g", "perAnalyst: {epsilon: 8}", "perAnalyst: {epsilon: -8}", "S003", "-8; allowed: a number above 0"),
    ("odd period", "g", "period: P1Y", "period: P2Y", "S003", "P1Y, P3M, P1M"),
    ("retention of nothing", "g", "field: transactions.transaction_timestamp", "field: transactions.week", "C414", "date or timestamp"),
    ("retention word", "g", "keep: P15Y", "keep: PT", "C417", "ISO 8601"),
    ("no retention of rows", "g", "rows: {field: transactions.transaction_timestamp, keep: P15Y}, ", "", "C415", "add rows"),
    ("approver unknown", "g", "tightening: [data owner]", "tightening: [auditor]", "C416", "needs a auditor"),
    ("joins", "g", "external: public_only", "external: all", "S003", "'all'; allowed: public_only, none"),
    ("day", "g", 'reviewBy: "2027-06-30"', 'reviewBy: "2027-06-31"', "C419", "no day of the calendar"),
    # --- the file
    ("alias", "g", "name: Household purchases", "name: &n Household purchases", "Y006", "anchors"),
    ("tag", "g", "name: Household purchases", "name: !!python/object:os.system x", "Y006", "tags"),
    ("key twice", "g", "version: 1.0.0", "version: 1.0.0\nversion: 1.0.1", "Y005", "'version' is given twice"),
    ("bracket open", "g", "tags: [personal-data]", "tags: [personal-data", "Y004", "not YAML"),
    ("tab", "g", "domain: retail", "\tdomain: retail", "Y004", "not YAML"),
    ("second document", "g", "domain: retail", "---\ndomain: retail", "Y008", "a second document"),
]  # fmt: skip
ELSEWHERE = {  # lines between the change and the finding: it stands where the rule is broken
    "strange id": None,
    "bracket open": None,
    "column twice": 12,
    "enum of numbers": 1,
    "enum twice": 1,
    "reserved key": 1,
    "unit under ff1": 11,
    "path over many": 24,
    "denied purpose": -1,
    "key twice": 1,
    "two units": 9,
    "path beside a unit": 1,
    "two keys on one column": -12,
    "public to private": 2,
    "no contract block": -1,
}


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_a_broken_contract_is_found(case: tuple[str, ...], tmp_path: Path) -> None:
    name, which, old, new, code, words = case
    text = TEXTS[which]
    assert old in text, "the case no longer matches the reference contract"
    changed_line = text[: text.index(old)].count("\n") + 1
    path = tmp_path / "changed.odcs.yaml"
    path.write_text(text.replace(old, new, 1))
    contract, findings = load_contract(path)
    assert contract is None
    hits = [finding for finding in findings if finding.code == code]
    assert hits, "\n".join(str(finding) for finding in findings)
    assert any(words in finding.text for finding in hits), [finding.text for finding in hits]
    distance = ELSEWHERE.get(name, 0)
    if distance is not None:
        assert changed_line + distance in {finding.line for finding in hits}, (
            changed_line,
            [str(f) for f in hits],
        )


def test_there_are_at_least_sixty_cases() -> None:
    assert len(CASES) >= 60
    assert len({case[0] for case in CASES}) == len(CASES)


def test_messages_are_one_short_sentence(tmp_path: Path) -> None:
    for _, which, old, new, _, _ in CASES:
        path = tmp_path / "changed.odcs.yaml"
        path.write_text(TEXTS[which].replace(old, new, 1))
        for finding in load_contract(path)[1]:
            assert len(finding.text) < 400
            assert not re.search(r"Traceback|Fraction\(|Decimal\(|<class|None", finding.text), finding.text


def test_all_faults_are_reported_at_once(tmp_path: Path) -> None:
    text = TEXTS["g"]
    for old, new in (
        ("epsilon: 12}", "epsilon: 9}"),
        ("onExceed: sample", "onExceed: x"),
        ("center: 3}", "center: 300}"),
    ):
        text = text.replace(old, new, 1)
    path = tmp_path / "changed.odcs.yaml"
    path.write_text(text)
    assert {"C412", "S003", "C213"} <= {finding.code for finding in load_contract(path)[1]}


def test_a_table_without_a_block_does_not_exist(tmp_path: Path) -> None:
    """Default deny: it is left out with a warning."""
    block = "    customProperties: [{property: privacy, vendor: jali, value: {unitRole: public, source: national-gazetteer}}]\n"
    text = (
        TEXTS["h"]
        .replace(block, "")
        .replace("groupBy: transformed, domain: {table: postcode_areas, column: area}", "groupBy: denied")
    )
    path = tmp_path / "changed.odcs.yaml"
    path.write_text(text)
    contract, findings = load_contract(path)
    assert contract is not None
    assert contract.table("postcode_areas") is None
    assert [finding.code for finding in findings if finding.severity == "warning"] == ["C106"]


def test_a_column_without_a_block_is_closed(tmp_path: Path) -> None:
    block = ",\n         customProperties: [{property: privacy, vendor: jali, value: {class: quasi, groupBy: allowed, domain: {range: {from: 1, until: 53, step: 1}}}}]}"
    text = TEXTS["g"].replace(block, "}")
    assert text != TEXTS["g"]
    path = tmp_path / "changed.odcs.yaml"
    path.write_text(text)
    contract, _ = load_contract(path)
    assert contract is not None
    table = contract.table("transactions")
    assert table is not None
    week = table.column("week")
    assert week is not None
    assert (week.readable, week.lands, week.may_filter) == (False, False, False)


def test_a_second_unit_column_that_never_lands_is_harmless(tmp_path: Path) -> None:
    ward = TEXTS["h"].split("      - {name: ward", 1)[1].split("      - {name: admitted_at", 1)[0]
    block = "{property: privacy, vendor: jali, value: {class: identifier, output: never, ingest: drop}}"
    dropped = f", logicalType: string, relationships: [{{to: patients.patient_id}}], customProperties: [{block}]}}\n"
    path = tmp_path / "changed.odcs.yaml"
    path.write_text(TEXTS["h"].replace(ward, dropped, 1))
    contract, findings = load_contract(path)
    assert contract is not None, findings


def test_relationships_may_stand_at_the_table(tmp_path: Path) -> None:
    at_column = " relationships: [{type: foreignKey, to: products.product_id}],"
    assert at_column in TEXTS["g"]
    at_table = (
        "description: One row per product line of a basket.\n"
        "    relationships: [{type: foreignKey, from: transactions.product_id, to: products.product_id}]"
    )
    text = TEXTS["g"].replace(at_column, "", 1)
    path = tmp_path / "changed.odcs.yaml"
    path.write_text(text.replace("description: One row per product line of a basket.", at_table, 1))
    contract, findings = load_contract(path)
    assert contract is not None, findings
    table = contract.table("transactions")
    assert table is not None
    assert ("product_id", "products", "product_id") in {
        (key.column, key.target_table, key.target_column) for key in table.foreign_keys
    }
