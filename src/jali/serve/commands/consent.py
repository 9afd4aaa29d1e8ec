"""`jali consent show` and `jali consent renew`."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from jali.model.codes import Usage
from jali.serve.doors import put
from jali.serve.options import HouseOption, JsonOption
from jali.serve.place import find_house, settings_of

group = typer.Typer(help="The consent feed: what it is and when it was last heard of.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="consent")


@group.command()
def show(house: HouseOption = None, json_: JsonOption = False) -> None:
    """Show the feed."""
    from jali.policy.consent import Feed, read_feed

    feed = read_feed(settings_of(find_house(house)).consent)
    _print(feed if isinstance(feed, Feed) else None, is_json=json_)


@group.command()
def renew(
    house: HouseOption = None,
    source: Annotated[str, typer.Option(help="Where consent comes from; needed for a new feed.")] = "",
    json_: JsonOption = False,
) -> None:
    """Say that the feed was heard of now; the steward's act."""
    from jali.policy.consent import read_feed
    from jali.policy.consent import renew as renew_feed

    path = settings_of(find_house(house)).consent
    if read_feed(path) is None and not source:
        raise Usage("there is no consent feed yet", hint="name where consent comes from: --source TEXT")
    _print(renew_feed(path, datetime.now(UTC), source=source), is_json=json_)


def _print(feed: object, *, is_json: bool) -> None:
    from jali.policy.consent import Feed
    from jali.serve.formats import json_text
    from jali.serve.text import harmless

    if is_json:
        said = (
            {"source": feed.source, "demo": feed.is_demo, "heartbeat": feed.heartbeat.isoformat()}
            if isinstance(feed, Feed)
            else None
        )
        put(json_text({"feed": said}) + "\n")
    elif isinstance(feed, Feed):
        mark = "  (a demo's stand-in)" if feed.is_demo else ""
        put(
            f"  source      {harmless(feed.source)}{mark}\n  heard of    {feed.heartbeat:%Y-%m-%d %H:%M:%S} UTC\n"
        )
    else:
        put(
            "  there is no readable consent feed; nothing is answered until: jali consent renew --source TEXT\n"
        )
