"""The consent feed decides which purposes are answerable now."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from jali.model.codes import ConsentNeeded
from jali.policy.consent import Feed, consent_refusal, read_feed, renew
from jali.policy.contract import Contract, load_contract

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def contract() -> Contract:
    found = load_contract(ROOT / "tests/data/hospital/contracts/hospital-stays.odcs.yaml")[0]
    assert found is not None
    return found


def refused(contract: Contract, purpose: str, feed: Feed | None, now: datetime = NOW) -> ConsentNeeded | None:
    found = contract.purpose(purpose)
    assert found is not None
    return consent_refusal(found, contract.consent, feed, now)


@pytest.mark.parametrize("purpose", ["planning", "service_quality"])
def test_a_fresh_feed_opens_purposes_without_required_consent(
    contract: Contract, tmp_path: Path, purpose: str
) -> None:
    feed = renew(tmp_path / "consent/feed.json", NOW, source="demo", is_demo=True)
    assert refused(contract, purpose, feed) is None
    assert refused(contract, purpose, feed, NOW + timedelta(days=1)) is None


@pytest.mark.parametrize("purpose", ["planning", "service_quality"])
@pytest.mark.parametrize(
    ("later", "words"),
    [
        (timedelta(days=1, seconds=1), "more than P1D ago"),
        (timedelta(minutes=-6), "in the future"),
    ],
)
def test_a_late_or_future_feed_closes_them(
    contract: Contract, tmp_path: Path, purpose: str, later: timedelta, words: str
) -> None:
    feed = renew(tmp_path / "feed.json", NOW, source="x")
    refusal = refused(contract, purpose, feed, NOW + later)
    assert refusal is not None
    assert refusal.code == "J210"
    assert words in refusal.said
    assert refusal.where.startswith("hospital-stays.odcs.yaml, line ")


def test_a_small_clock_skew_is_forgiven(contract: Contract, tmp_path: Path) -> None:
    feed = renew(tmp_path / "feed.json", NOW + timedelta(minutes=4), source="x")
    assert refused(contract, "planning", feed) is None


def test_required_consent_is_refused_whatever_the_feed(contract: Contract, tmp_path: Path) -> None:
    feed = renew(tmp_path / "feed.json", NOW, source="x")
    assert "research" in str(refused(contract, "research", feed))
    assert refused(contract, "research", None) is not None


def test_no_feed_closes_everything(contract: Contract, tmp_path: Path) -> None:
    assert read_feed(tmp_path / "none.json") is None
    assert refused(contract, "planning", None) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        "[" * 100_000,
        '{"source": "x", "demo": true}',
        '{"source": "x", "demo": "yes", "heartbeat": "2026-11-24T12:00:00+00:00"}',
        '{"source": "x", "demo": true, "heartbeat": "2026-11-24T12:00:00"}',
        '{"source": "x", "demo": true, "heartbeat": "now"}',
        '{"source": "x", "demo": true, "heartbeat": 5}',
        '{"source": "x", "demo": true, "heartbeat": "0001-01-01T00:00:00+14:00"}',
        '{"source": "x", "demo": true, "heartbeat": "2026-11-24T12:00:00+00:00", "more": 1}',
        " " * 70_000,
    ],
)
def test_a_feed_that_cannot_be_understood_is_no_feed(tmp_path: Path, text: str) -> None:
    path = tmp_path / "feed.json"
    path.write_text(text)
    assert read_feed(path) is None


def test_renewing_keeps_the_source_and_leaves_no_part_file(tmp_path: Path) -> None:
    path = tmp_path / "feed.json"
    renew(path, NOW, source="registry", is_demo=True)
    later = (NOW + timedelta(hours=1)).astimezone(timezone(timedelta(hours=2)))
    feed = renew(path, later, source="other")
    assert (feed.source, feed.is_demo, feed.heartbeat) == ("registry", True, NOW + timedelta(hours=1))
    assert read_feed(path) == feed
    assert json.loads(path.read_text())["heartbeat"] == "2026-11-24T13:00:00+00:00"
    assert [child.name for child in tmp_path.iterdir()] == ["feed.json"]


def test_a_heartbeat_without_zone_or_source_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="time zone"):
        renew(tmp_path / "feed.json", datetime(2026, 1, 1), source="x")  # noqa: DTZ001  that is the point
    with pytest.raises(ValueError, match="source"):
        renew(tmp_path / "feed.json", NOW)
