"""Which house a command works in: the one named, or the nearest folder above that holds a jali.toml."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from jali.model.codes import Usage

if TYPE_CHECKING:
    from jali.pipeline import House
    from jali.policy.settings import Settings


def find_house(given: Path | None) -> Path:
    """Return the folder of the house: `given`, or JALI_HOUSE, or the nearest parent with a jali.toml.

    Raises:
        Usage: if there is none.
    """
    named = given or (Path(text) if (text := os.environ.get("JALI_HOUSE")) else None)
    if named is not None:
        if not (named / "jali.toml").is_file():
            raise Usage(f"there is no house in {named}", hint=f"make one with: jali init {named}")
        return named
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "jali.toml").is_file():
            return folder
    raise Usage(
        "there is no house here or in any folder above",
        hint="name one with --house DIR or JALI_HOUSE, make one with: jali init DIR, or try: jali demo",
    )


def settings_of(folder: Path) -> "Settings":
    """Return the settings of a house, environment included.

    Raises:
        JaliError: J801 no house, J901 settings that break a rule.
    """
    from jali.policy.settings import load_settings

    return load_settings(folder, os.environ)


def keep_demo_alive(settings: "Settings") -> bool:
    """Renew the heartbeat of a demo house's consent feed; return whether it is a demo house."""
    from jali.policy.consent import read_feed, renew

    feed = read_feed(settings.consent)
    if feed is None or not feed.is_demo:
        return False
    renew(settings.consent, datetime.now(UTC))
    return True


@contextmanager
def opened(given: Path | None) -> "Generator[House, None, None]":
    """Open the house of a command and close it afterwards; a demo house gets its heartbeat.

    Raises:
        JaliError: J801, J901, J70x: there is no house, or it cannot be used.
    """
    from jali.pipeline import open_house

    folder = find_house(given)
    keep_demo_alive(settings_of(folder))
    house = open_house(folder, os.environ)
    try:
        yield house
    finally:
        house.close()
