"""Whatever the file, reading it gives a document or findings."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jali.policy.charter import load_charter
from jali.policy.contract import load_contract
from jali.policy.findings import Finding
from jali.policy.population import load_population
from jali.policy.settings import read_settings
from jali.policy.source import MAX_BYTES, Document, read_yaml

ROOT = Path(__file__).parents[3]
GROCER = (ROOT / "src/jali/examples/complete_journey/contracts/complete-journey.odcs.yaml").read_text()
SMALL = """a: 1
b: {c: [x, 2.50, true, ~], d: "1"}
e:
  - f: 2017-01-01
"""


def read(tmp_path: Path, raw: bytes | str) -> tuple[Document | None, tuple[Finding, ...]]:
    path = tmp_path / "file.yaml"
    path.write_bytes(raw.encode() if isinstance(raw, str) else raw)
    return read_yaml(path)


def test_values_keep_type_and_line(tmp_path: Path) -> None:
    document, findings = read(tmp_path, SMALL)
    assert findings == ()
    assert document is not None
    assert document.tree == {
        "a": 1,
        "b": {"c": ["x", Decimal("2.50"), True, None], "d": "1"},
        "e": [{"f": "2017-01-01"}],
    }
    root = document.root
    assert [root.at("a").line, root.at("b", "c", 1).line, root.at("e", 0, "f").line] == [1, 2, 4]
    assert root.at("e", 0, "g").line == 4
    assert root.at("nothing", 3, "here").value is None


@pytest.mark.parametrize(
    ("raw", "code", "line", "words"),
    [
        ("", "Y008", 1, "mapping"),
        ("- a\n- b\n", "Y008", 1, "mapping"),
        ("just text", "Y008", 1, "mapping"),
        ("a: 1\na: 2\n", "Y005", 2, "given twice"),
        ("a: &x [1]\nb: *x\n", "Y006", 1, "anchors"),
        ("a: *x\n", "Y006", 1, "aliases"),
        ("a: !!int 1\n", "Y006", 1, "tags"),
        ("a: 1\n---\nb: 2\n", "Y008", 2, "second document"),
        ("a: [1, 2\nb: 3\n", "Y004", 2, "not YAML"),
        ("a: 'open\n", "Y004", 2, "not YAML"),
        ("? [a, b]\n: c\n", "Y004", 1, "key must be a word"),
        ("a: .inf\n", "Y007", 1, "finite"),
        ("a: 1e9999\n", "Y007", 1, "too many digits"),
        ("a: 1.2345678901234567\n", "Y007", 1, "at most 15 digits"),
        ("a: " + "9" * 5000, "Y007", 1, "too many digits"),
        ("a: " + "[" * 100 + "]" * 100, "Y003", 1, "nested deeper"),
        ("a: " + "[" * 100_000, "Y003", 1, "nested deeper"),
        ("a: [" + "1," * 200_000 + "]", "Y003", 1, "more than 100000 values"),
        (b"a: \xff\n", "Y002", 1, "UTF-8"),
        (b"a: 1\nb: \xe9\n", "Y002", 2, "UTF-8"),
        (b"a: \x00\n", "Y004", 1, "not YAML"),
        (b"\x00" * 10, "Y004", 1, "not YAML"),
        (b"#" * (MAX_BYTES + 1), "Y003", 1, "4 MiB"),
        ("%YAML 9.9\n---\na: 1\n", "Y004", 1, "not YAML"),
    ],
)
def test_a_bad_file_is_one_clear_finding(
    tmp_path: Path, raw: bytes | str, code: str, line: int, words: str
) -> None:
    document, findings = read(tmp_path, raw)
    assert document is None
    assert [(finding.code, finding.line) for finding in findings] == [(code, line)]
    assert words in findings[0].text


def test_a_billion_laughs_cost_nothing(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}]" for i in range(1, 40)]
    document, findings = read(tmp_path, "\n".join(lines))
    assert document is None
    assert findings[0].code == "Y006"


def test_a_missing_file_and_a_folder_are_findings(tmp_path: Path) -> None:
    assert read_yaml(tmp_path / "none.yaml")[1] == (
        Finding(str(tmp_path / "none.yaml"), 1, "Y001", "there is no such file"),
    )
    assert read_yaml(tmp_path)[1][0].code == "Y001"


def mutated(draw: st.DrawFn) -> str:
    text = GROCER
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text) - 1))
        length = draw(st.sampled_from([0, 1, 1, 2, 5, 20, 200]))
        piece = draw(
            st.one_of(
                st.text(max_size=8),
                st.sampled_from(
                    [
                        "[",
                        "]",
                        "{",
                        "}",
                        ": ",
                        "- ",
                        "\n",
                        "\t",
                        "'",
                        '"',
                        "&a ",
                        "*a ",
                        "!!x ",
                        "null",
                        "1e5",
                        "-1",
                        "true",
                    ]
                ),
            )
        )
        text = text[:start] + piece + text[start + length :]
    return text


WORDS = sorted(
    {word for word in GROCER.replace(",", " ").replace("{", " ").replace("}", " ").split() if len(word) > 1}
)
VALUES = [
    "[]",
    "{}",
    "null",
    "true",
    "0",
    "-1",
    "1.5",
    "text",
    '""',
    "[1, {a: b}]",
    "P0D",
    "999999999999999",
    "auto",
]


def swapped(draw: st.DrawFn) -> str:
    """Return the contract with whole words replaced: mostly still YAML, so that later rules run."""
    text = GROCER
    for _ in range(draw(st.integers(1, 3))):
        word = draw(st.sampled_from(WORDS))
        new = draw(st.one_of(st.sampled_from(VALUES), st.sampled_from(WORDS)))
        text = text.replace(word, new, draw(st.sampled_from([1, 1, -1])))
    return text


texts = st.one_of(st.composite(mutated)(), st.composite(swapped)())


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=texts)
def test_no_mutation_of_a_contract_raises(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mutated.odcs.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    contract, findings = load_contract(path)
    assert (contract is None) == any(finding.severity == "error" for finding in findings)
    assert all(1 <= finding.line <= text.count("\n") + 2 for finding in findings)


small_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.text(max_size=5),
        st.sampled_from(["P1D", "required", "central"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["population", "units", "delta", "charter", "articles", "id", "says", "require", "name"]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=small_values)
def test_no_content_of_the_other_files_raises(tmp_path: Path, value: object) -> None:
    import json

    path = tmp_path / "any.yaml"
    path.write_text(json.dumps(value))
    for load in (load_contract, load_population, load_charter):
        loaded, findings = load(path)
        assert loaded is None
        assert findings
    (tmp_path / "jali.toml").write_text(
        f"name = {json.dumps(str(value))}\n", encoding="utf-8", errors="replace"
    )
    read_settings(tmp_path, {"JALI_LEDGER": str(value)})
