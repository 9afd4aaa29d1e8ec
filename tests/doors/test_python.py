"""The Python door: what is public, data frames, HTML, context managers, and how fast it is imported."""

import json
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pyarrow as pa
import pytest

import jali
from jali.model.codes import BackendMissing, BadOption, LedgerFailed, UnknownAnalyst
from jali.serve import python

BY_REGION = "SELECT region, SUM(paid) AS total FROM visits GROUP BY region"


def test_the_public_names() -> None:
    assert jali.__all__ == ["JaliError", "open"]
    assert python.__all__ == ["Answer", "House", "Session", "open_folder"]
    public = {n for n in vars(python.Answer) if not n.startswith("_")}
    assert public == {"rows", "intervals", "to_json", "to_arrow", "to_pandas", "to_polars", "plot"}
    assert {n for n in vars(python.Session) if not n.startswith("_")} == {"query", "explain", "remaining"}
    assert {n for n in vars(python.House) if not n.startswith("_")} == {"close", "session"}


def test_a_session_answers_explains_and_says_what_is_left(house: Path) -> None:
    with jali.open(house) as opened, opened.session(analyst="ana", purpose="planning") as ask:
        explained = ask.explain(BY_REGION, epsilon=0.5)
        answer = ask.query(BY_REGION, epsilon=0.5)
        assert explained.nano_rho == answer.release.privacy.nano_rho
        assert json.loads(answer.to_json())["release_id"] == answer.release.release_id
        table = answer.to_arrow()
        assert isinstance(table, pa.Table)
        assert table.num_rows == len(answer.rows) == len(answer.intervals()) == 6
        assert answer.release.release_id in repr(answer)
        left = ask.remaining()["urn:contract:shop:visits"]
        assert {name.partition(":")[0] for name in left} == {"lifetime", "period", "purpose", "analyst"}
        assert "ana" in repr(ask)
    with pytest.raises(LedgerFailed):
        ask.query("SELECT COUNT(*) FROM visits")


@pytest.mark.parametrize("price", [0.5, "0.5", Decimal("0.5"), Fraction(1, 2)])
def test_prices_of_every_type_are_exact(house: Path, price: python.Number) -> None:
    with jali.open(house) as opened:
        ask = opened.session(analyst="ana", purpose="planning")
        assert 0.49 < ask.explain(BY_REGION, epsilon=price).epsilon <= 0.5


@pytest.mark.parametrize("price", [float("nan"), float("inf"), -1, 0, "", "1e3", 1e300, True])
def test_other_prices_are_refused(house: Path, price: python.Number) -> None:
    with jali.open(house) as opened:
        ask = opened.session(analyst="ana", purpose="planning")
        with pytest.raises(BadOption):
            ask.query(BY_REGION, epsilon=price)


def test_who_asks_is_checked_when_the_session_begins(house: Path) -> None:
    with jali.open(house) as opened:
        with pytest.raises(UnknownAnalyst):
            opened.session(analyst="eve", purpose="planning")
        with pytest.raises(BadOption):
            opened.session(analyst="ana", purpose="")


def test_html_is_escaped(house: Path) -> None:
    with jali.open(house) as opened:
        ask = opened.session(analyst="ana", purpose="planning")
        sql = 'SELECT town, COUNT(DISTINCT customer_id) AS "<i>n</i>" FROM visits GROUP BY town'
        text = ask.query(sql)._repr_html_()
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "<i>" not in text
    assert "\x1b" not in text


def test_a_missing_extra_is_named(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with jali.open(house) as opened:
        answer = opened.session(analyst="ana", purpose="planning").query(BY_REGION)
    with pytest.raises(BackendMissing, match="pandas"):
        answer.to_pandas()
    with pytest.raises(BackendMissing, match="matplotlib"):
        answer.plot()


def test_importing_jali_loads_nothing_heavy() -> None:
    code = "import sys, jali; print(sorted({m.partition('.')[0] for m in sys.modules}))"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    heavy = {"duckdb", "opendp", "sqlglot", "pyarrow", "cryptography", "rich", "typer", "numpy", "pandas"}
    assert not heavy & set(eval(found))  # noqa: S307  # a list of our own


def test_help_loads_no_engine() -> None:
    code = "import sys, jali.serve.cli; print(sorted({m.partition('.')[0] for m in sys.modules}))"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert not {"duckdb", "opendp", "sqlglot", "pyarrow", "numpy"} & set(eval(found))  # noqa: S307  # as above
