"""jali.toml and its environment."""

from pathlib import Path

import pytest

from jali.model.codes import ContractInvalid, Usage
from jali.policy.settings import load_settings, read_settings, write_default


def test_the_default_settings_load(tmp_path: Path) -> None:
    write_default(tmp_path, 'the "house" ü', {"ana": ("analyst", "head of data")}, {"products": "data/p.csv"})
    settings = load_settings(tmp_path)
    assert settings.name == 'the "house" ü'
    assert settings.contracts == tmp_path / "contracts"
    assert settings.consent == tmp_path / "consent/feed.json"
    assert settings.ledger == str(tmp_path / "ledger.db")
    assert settings.users == {"ana": {"analyst", "head of data"}}
    assert settings.sources == {"products": "data/p.csv"}
    assert settings.plugins["trust"] == {"central"}
    assert settings.plugins["mechanisms"] == frozenset()


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    write_default(tmp_path, "a")
    with pytest.raises(Usage, match="already there"):
        write_default(tmp_path, "b")


def test_the_environment_wins(tmp_path: Path) -> None:
    write_default(tmp_path, "a", {"ana": ("analyst",)})
    settings = load_settings(
        tmp_path,
        {
            "JALI_NAME": "b",
            "JALI_STORE": "/srv/store",
            "JALI_LEDGER": "postgres://ledger/db",
            "JALI_PLUGINS__TRUST": "central, mpc",
            "JALI_USERS__ANA__ROLES": "",
            "JALI_USERS__BEN__ROLES": "analyst,marketer",
            "JALI_SOURCES__PRODUCTS__URI": "p.csv",
            "JALI_HOUSE": "elsewhere",
            "OTHER": "x",
        },
    )
    assert settings.name == "b"
    assert str(settings.store) == "/srv/store"
    assert settings.ledger == "postgres://ledger/db"
    assert settings.plugins["trust"] == {"central", "mpc"}
    assert settings.users == {"ana": frozenset(), "ben": {"analyst", "marketer"}}
    assert settings.sources == {"products": "p.csv"}


@pytest.mark.parametrize(
    ("text", "code", "line", "words"),
    [
        ("", "S004", 1, "lacks the key 'name'"),
        ('name = "a"\nstroe = "x"\n', "S002", 2, "did you mean store"),
        ('name = "a"\n[users.ana]\nrole = ["x"]\n', "S002", 3, "did you mean roles"),
        ('name = "a"\n[users.Ana]\nroles = ["x"]\n', "S003", 2, "lower-case"),
        ('name = "a"\n[users.ana]\nroles = "x"\n', "S003", 3, "a list"),
        ('name = "a"\nstore = 5\n', "S003", 2, "allowed: a folder"),
        ('name = "a"\nstore = 5.5\nvault = 1\n', "S003", 3, "allowed: a folder"),
        ('name = "a"\n[plugins]\nengine = ["duckdb"]\n', "S002", 3, "did you mean engines"),
        ('name = "a"\nledger = "postgres://me:secret@db/x"\n', "T104", 2, "holds a password"),
        ('name = "a"\n[sources.products]\nuri = "mysql://u:p@h/d"\n', "T104", 3, "holds a password"),
        ('name = "a\n', "T102", 1, "not TOML"),
        ('name = "a"\nname = "b"\n', "T102", 2, "not TOML"),
        ("name = 1e400\n", "S003", 1, "Infinity; allowed: a name for the house"),
    ],
)  # fmt: skip
def test_broken_settings_are_found(tmp_path: Path, text: str, code: str, line: int, words: str) -> None:
    (tmp_path / "jali.toml").write_text(text)
    settings, findings = read_settings(tmp_path)
    hits = [(finding.line, finding.text) for finding in findings if finding.code == code]
    assert settings is None
    assert any(found == line and words in said for found, said in hits), [
        str(finding) for finding in findings
    ]
    with pytest.raises(ContractInvalid):
        load_settings(tmp_path)


def test_a_folder_without_settings_is_no_house(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="no house"):
        load_settings(tmp_path)
    assert read_settings(tmp_path)[1][0].code == "T101"


def test_text_that_is_not_utf8_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "jali.toml").write_bytes(b'name = "\xff"\n')
    assert read_settings(tmp_path)[1][0].code == "T102"


def test_a_password_is_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "jali.toml").write_text('name = "a"\nledger = "postgres://me:s3cret@db/x"\n')
    assert all("s3cret" not in finding.text for finding in read_settings(tmp_path)[1])
