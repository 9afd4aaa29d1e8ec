"""A small house under the starter contract, built once: 900 customers, four towns of which three have hostile names."""

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner, Result

import jali.pipeline
from jali.engines.duckdb import DuckDBEngine
from jali.keys.vault import Vault
from jali.serve.cli import app
from jali.testing.samplers import without_noise

TOWNS = ("=cmd|'/C calc'!A0", "\x1b[31mred\x1b[0m", "<script>alert(1)</script>", "Ystad")
REGIONS = ("north", "south", "east", "west")
ASK = ("--as", "ana", "--purpose", "planning")

Run = Callable[..., Result]


def write_sources(folder: Path) -> None:
    lines = ["customer_id,region,town,product_id,visited_on,paid"]
    for customer in range(900):
        who = f'{customer},{REGIONS[customer % 4]},"{TOWNS[customer % 4]}",{customer % 7 + 1}'
        lines += [f"{who},2026-{row + 1:02d}-15,{1 + customer % 20}.5" for row in range(1 + customer % 5)]
    (folder / "visits.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    products = ["product_id,category"] + [f"{i},{'food' if i < 5 else 'drink'}" for i in range(1, 8)]
    (folder / "products.csv").write_text("\n".join(products) + "\n", encoding="utf-8")


def invoke(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(app, list(arguments), input=stdin)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JALI_HOUSE", "JALI_ANALYST", "JALI_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The house, never asked; tests work on copies."""
    folder = tmp_path_factory.mktemp("doors") / "house"
    write_sources(folder.parent)
    steps = [
        ("init", str(folder)),
        (
            "ingest",
            "--house",
            str(folder),
            "--table",
            "products",
            "--from",
            str(folder.parent / "products.csv"),
        ),
        ("ingest", "--house", str(folder), "--table", "visits", "--from", str(folder.parent / "visits.csv")),
        ("consent", "renew", "--house", str(folder), "--source", "test feed"),
    ]
    for step in steps:
        result = invoke(*step)
        assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def house(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "house"))


@pytest.fixture
def run() -> Run:
    return invoke


@pytest.fixture
def ask(house: Path) -> Run:
    """Ask in a fresh copy of the house."""
    return lambda sql, *more, **extra: invoke("query", sql, "--house", str(house), *ASK, *more, **extra)


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Answers without noise, by a sampler that only jali.testing can inject."""
    original = jali.pipeline.open_house

    def quiet(folder: Path, environment: object = None) -> jali.pipeline.House:
        found = original(folder, environment)  # type: ignore[arg-type]
        return without_noise(found, DuckDBEngine(Vault.open(found.policies.settings.vault).sampling_key()))

    monkeypatch.setattr(jali.pipeline, "open_house", quiet)
    return SimpleNamespace()
