"""Who may be counted for a purpose, as far as it is built: a feed that shows consent changes would arrive.

The feed file says where consent comes from and when it was last heard of. Purposes with consent none or
objection are answerable while that heartbeat is at most `consent.maxLag` old; an empty feed then means that
nobody objected. Purposes that require consent are refused: unknown counts as no. Nothing here reads private
data.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from jali.model.codes import ConsentNeeded, StoreFailed
from jali.policy.terms import ConsentRule, Purpose

MAX_BYTES = 64 * 1024
MAX_SKEW = timedelta(minutes=5)
_RENEW = "the steward renews the feed with: jali consent renew"


@dataclass(frozen=True, slots=True)
class Feed:
    """What the feed file says; `heartbeat` is an aware UTC time."""

    source: str
    is_demo: bool
    heartbeat: datetime


def read_feed(path: Path) -> Feed | None:
    """Return the feed, or None if there is none or it cannot be understood: both count as no consent."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
        said: object = json.loads(raw.decode("utf-8")) if len(raw) <= MAX_BYTES else None
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    facts = cast("Mapping[str, object]", said)  # JSON keys are text
    source, demo, heartbeat = (facts.get(key) for key in ("source", "demo", "heartbeat"))
    if (
        set(facts) != {"source", "demo", "heartbeat"}
        or not isinstance(source, str)
        or not isinstance(demo, bool)
    ):
        return None
    moment = _moment(heartbeat)
    return Feed(source, demo, moment) if moment is not None else None


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
        return moment.astimezone(UTC) if moment is not None and moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def consent_refusal(
    purpose: Purpose, rule: ConsentRule, feed: Feed | None, now: datetime
) -> ConsentNeeded | None:
    """Return why the purpose cannot be answered now, or None if it can.

    Args:
        purpose: what the asker wants the data for.
        rule: the contract's consent clause.
        feed: what `read_feed` gave.
        now: the time, with a time zone.
    """
    if purpose.consent == "required":
        return ConsentNeeded(
            f"purpose {purpose.id} needs each unit's consent, and the consented set is not available yet",
            hint="ask for a purpose without required consent",
            where=purpose.rule,
        )
    if feed is None:
        return ConsentNeeded("there is no readable consent feed", hint=_RENEW, where=rule.rule)
    if feed.heartbeat > now + MAX_SKEW:
        return ConsentNeeded(
            "the consent feed's heartbeat lies in the future; a clock is wrong", hint=_RENEW, where=rule.rule
        )
    if now - feed.heartbeat > rule.max_lag.as_timedelta():
        return ConsentNeeded(
            f"the consent feed was last heard of more than {rule.max_lag.text} ago",
            hint=_RENEW,
            where=rule.rule,
        )
    return None


def renew(path: Path, now: datetime, *, source: str = "", is_demo: bool = False) -> Feed:
    """Write `now` as the feed's heartbeat, atomically and durably, and return the feed.

    A feed that is there keeps its source and demo mark; `source` and `is_demo` count for a new one.

    Raises:
        ValueError: if `now` has no time zone, or a new feed gets no source.
        StoreFailed: if the file cannot be written.
    """
    if now.tzinfo is None:
        msg = "the heartbeat needs a time zone"
        raise ValueError(msg)
    old = read_feed(path)
    feed = Feed(old.source if old else source, old.is_demo if old else is_demo, now.astimezone(UTC))
    if not feed.source:
        msg = "a new feed needs a source"
        raise ValueError(msg)
    said = {"source": feed.source, "demo": feed.is_demo, "heartbeat": feed.heartbeat.isoformat()}
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("w", encoding="utf-8") as stream:
            json.dump(said, stream, indent=2)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        raise StoreFailed("the consent feed cannot be written", hint="check space and permissions") from error
    return feed
