"""Population files, and the charter held against them and against contracts."""

from fractions import Fraction
from pathlib import Path

import pytest

from jali.policy.charter import MEASURES, broken_articles, load_charter
from jali.policy.contract import load_contract
from jali.policy.population import load_population

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "src/jali/examples/complete_journey"
POPULATION = (DEMO / "populations/grocer-households.yaml").read_text()
CHARTER = (DEMO / "charter.yaml").read_text()
CONTRACT = (DEMO / "contracts/complete-journey.odcs.yaml").read_text()


def changed(path: Path, text: str, old: str, new: str) -> Path:
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return path


def line_of(text: str, old: str) -> int:
    return text[: text.index(old)].count("\n") + 1


def test_the_reference_population_is_exact() -> None:
    population, findings = load_population(DEMO / "populations/grocer-households.yaml")
    assert findings == ()
    assert population is not None
    assert (population.name, population.id, population.lifetime) == (
        "grocer-households",
        "urn:population:grocer:households",
        24,
    )
    assert (population.delta_conversion, population.delta_keys, population.delta_basic) == (
        Fraction(5, 10**6),
    ) * 2 + (0,)
    assert population.delta_total == Fraction(1, 10**5)
    assert population.unit_keys == {"household_id"}


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ("neighbouring: add_remove", "neighbouring: replace_one", "S003", "allowed: add_remove"),
        ("blocks: none", "blocks: month", "S003", "quarter_of_first_arrival"),
        ("lifetime: {epsilon: 24}", "lifetime: {epsilon: 0}", "S003", "a number above 0"),
        ("lifetime: {epsilon: 24}", "lifetime: {eps: 24}", "S002", "did you mean epsilon"),
        ("conversion: 5.0e-6", "conversion: 1", "S003", "between 0 and 1"),
        ("conversion: 5.0e-6", "conversion: 0.9999999", "P102", "allowed: below 1"),
        ("keys: 5.0e-6", "keys: 1.0e-19", "P103", "smallest step"),
        ("[{name: household, key: household_id}]", "[]", "S003", "a list of {name, key}"),
        ("[{name: household, key: household_id}]", "[{name: a, key: h}, {name: b, key: h}]", "P101", "share"),
        ("version: 1}", "version: one}", "S003", "a whole number"),
        ("approvals: {change:", "approvals: {chance:", "S002", "did you mean change"),
    ],
)
def test_a_broken_population_is_found(tmp_path: Path, old: str, new: str, code: str, words: str) -> None:
    population, findings = load_population(changed(tmp_path / "p.yaml", POPULATION, old, new))
    assert population is None
    hits = [finding for finding in findings if finding.code == code]
    assert any(words in finding.text for finding in hits), [str(finding) for finding in findings]
    assert hits[0].line == line_of(POPULATION, old)


def test_the_reference_charter_holds_for_both_houses() -> None:
    charter, findings = load_charter(DEMO / "charter.yaml")
    assert findings == ()
    assert charter is not None
    assert [article.id for article in charter.articles] == [f"A{n}" for n in range(1, 9)]
    hospital = ROOT / "tests/data/hospital"
    for contract_path, population_path in [
        (DEMO / "contracts/complete-journey.odcs.yaml", DEMO / "populations/grocer-households.yaml"),
        (hospital / "contracts/hospital-stays.odcs.yaml", hospital / "populations/stlukes-patients.yaml"),
    ]:
        contract, population = load_contract(contract_path)[0], load_population(population_path)[0]
        assert contract is not None
        assert population is not None
        assert broken_articles(charter, [contract], [population]) == ()


@pytest.mark.parametrize(
    ("old", "new", "article", "words", "broken_in"),
    [
        (
            "atMost: 30",
            "atMost: 20",
            "A2",
            "population.lifetime.epsilon is 24; allowed: at most 20",
            "population",
        ),
        (
            "atMost: 1.0e-5",
            "atMost: 9.0e-6",
            "A2",
            "population.delta.total is 0.00001; allowed: at most 0.000009",
            "population",
        ),
        (
            "{class: sensitive, atMost: 2.0}",
            "{class: sensitive, atMost: 1.9}",
            "A3",
            "is 2; allowed: at most 1.9",
            "contract",
        ),
        (
            "{atLeast: 10}",
            "{atLeast: 11}",
            "A4",
            "output.minUnitsPerKey is 10; allowed: at least 11",
            "contract",
        ),
        (
            "purposes.marketing.consent",
            "purposes.assortment.consent",
            "A5",
            "is objection; allowed: at least required",
            "contract",
        ),
        (
            '"dpv:CreditChecking"',
            '"dpv:Marketing"',
            "A6",
            "purpose marketing (dpv:Marketing) is forbidden",
            "contract",
        ),
        (
            "atMost: P15Y",
            "atMost: P179M",
            "A7",
            "retention.rows.keep is P15Y; allowed: at most P179M",
            "contract",
        ),
        ("{atLeast: 2}", "{atLeast: 3}", "A8", "approvals.loosening is 2; allowed: at least 3", "contract"),
    ],
)
def test_a_broken_article_is_named_in_its_own_words(
    tmp_path: Path, old: str, new: str, article: str, words: str, broken_in: str
) -> None:
    charter, findings = load_charter(changed(tmp_path / "charter.yaml", CHARTER, old, new))
    assert findings == ()
    assert charter is not None
    contract = load_contract(DEMO / "contracts/complete-journey.odcs.yaml")[0]
    population = load_population(DEMO / "populations/grocer-households.yaml")[0]
    assert contract is not None
    assert population is not None
    (finding,) = broken_articles(charter, [contract], [population])
    says = next(a.says for a in charter.articles if a.id == article)
    assert f'breaks article {article} "{says}" (charter.yaml, line {line_of(CHARTER, old)})' in finding.text
    assert words in finding.text
    assert finding.file == str(contract.path if broken_in == "contract" else population.path)
    assert finding.line > 1


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ("output: aggregates_only", "output: rows", "A104", "allowed: aggregates_only"),
        (
            "population.lifetime.epsilon:",
            "population.lifetime.rho:",
            "A105",
            "not known; allowed: population.lifetime",
        ),
        ("{atMost: 30}", "{atMost: thirty}", "A104", "each bound a number"),
        ("{atMost: 30}", "{}", "A104", "needs"),
        ("{atMost: 30}", "{class: sensitive, atMost: 30}", "A104", "atLeast, atMost"),
        ("{class: sensitive, atMost: 2.0}", "{class: secret, atMost: 2.0}", "A104", "needs"),
        ("{class: sensitive, atMost: 2.0}", "{class: sensitive}", "A104", "needs"),
        ("atMost: P15Y", "atMost: 15", "A104", "ISO 8601"),
        ("consent: required", "consent: always", "A104", "none, objection, required"),
        ("forbid: {purposes:", "forbid: {people:", "A102", "allowed: purposes"),
        ("forbid: {purposes:", "forbidden: {purposes:", "S002", "did you mean forbid"),
        ("id: A2", "id: A1", "A101", "number them apart"),
        (", require: {approvals.loosening: {atLeast: 2}}", "", "A103", "demands nothing"),
        ('reviewBy: "2027-11-30"', 'reviewBy: "2027-11-31"', "C419", "no day"),
    ],
)
def test_a_broken_charter_is_found(tmp_path: Path, old: str, new: str, code: str, words: str) -> None:
    charter, findings = load_charter(changed(tmp_path / "charter.yaml", CHARTER, old, new))
    assert charter is None
    hits = [finding for finding in findings if finding.code == code]
    assert any(words in finding.text for finding in hits), [str(finding) for finding in findings]
    assert line_of(CHARTER, old) in {finding.line for finding in hits} or code == "A101"


def test_an_absent_measure_fails_except_a_purpose(tmp_path: Path) -> None:
    text = (
        CONTRACT.replace("minUnitsPerKey: 10, ", "")
        .replace("id: marketing", "id: ads")
        .replace("[marketing]", "[ads]")
    )
    path = tmp_path / "c.odcs.yaml"
    path.write_text(text.replace("marketing: {epsilon: 4}", "ads: {epsilon: 4}"))
    contract, findings = load_contract(path)
    charter = load_charter(DEMO / "charter.yaml")[0]
    assert contract is not None, findings
    assert charter is not None
    (finding,) = broken_articles(charter, [contract], [])
    assert "A4" in finding.text
    assert "output.minUnitsPerKey is not declared" in finding.text


def test_the_vocabulary_is_closed() -> None:
    assert set(MEASURES) == {
        "population.lifetime.epsilon",
        "population.delta.total",
        "budget.perQuery.max.epsilon",
        "output.minUnitsPerKey",
        "purposes.ID.consent",
        "retention.rows.keep",
        "approvals.loosening",
        "output: aggregates_only",
    }
