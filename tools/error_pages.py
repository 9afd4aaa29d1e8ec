"""Makes docs/reference/errors: one page per code from the classes of jali.model.codes, and an index.

Each page ends with an example: a real refusal, got by asking (or breaking) a small invented shop.
"""

import inspect
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from jali.keys.vault import Vault
from jali.ledger.verify import verify
from jali.model.codes import CheckFailed, EngineFailed, PriceDisagrees, every_code
from jali.model.errors import JaliError, outcome
from jali.model.request import Options
from jali.pipeline import answer, open_house, open_ledger, request_of
from jali.policy.consent import renew
from jali.policy.house import load_policies
from jali.policy.settings import load_settings
from jali.serve.building import load
from tools.pages import DOCS, MADE, finish
from tools.small_house import make_shop

FOLDER = DOCS / "reference" / "errors"
HEADINGS = ("What happened", "Why we refuse", "What you can do")
FAMILIES = {
    "J0": "a bug in Jali",
    "J1": "the SQL",
    "J2": "policy",
    "J3": "the plan",
    "J4": "the budget",
    "J5": "the engine",
    "J6": "the trust back end",
    "J7": "storage",
    "J8": "usage",
    "J9": "a check",
}
LONGEST = 200
"""Questions longer than this are cut in the middle."""

NOT_YET = "No command of this version leads to this refusal; the code is reserved."

QUESTIONS: dict[str, str] = {
    "J101": "SELECT COUNT(* FROM visits",
    "J102": "SELECT COUNT(*) FROM visitors",
    "J103": "SELECT regoin, COUNT(*) FROM visits GROUP BY regoin",
    "J104": "SELECT MODE(paid) FROM visits",
    "J105": "SELECT SUM(SIN(paid)) FROM visits",
    "J106": "SELECT COUNT(*) FROM visits WHERE product_id > 'May'",
    "J107": "SELECT COUNT(*) FROM visits WHERE " + "(" * 101 + "bought_on IS NULL" + ")" * 101,
    "J108": "SELECT COUNT(*) FROM visits v JOIN products p USING (product_id) JOIN products v USING (product_id)",
    "J206": "SELECT SUM(product_id) FROM visits",
    "J207": "SELECT paid, COUNT(*) FROM visits GROUP BY paid",
    "J209": "SELECT customer_id, COUNT(*) FROM visits GROUP BY customer_id",
    "J212": "SELECT COUNT(*) FROM visits a JOIN visits b ON a.town = b.town",
    "J301": "SELECT paid FROM visits",
    "J302": "SELECT AVG(n) FROM (SELECT region, COUNT(*) AS n FROM visits GROUP BY region) AS r",
    "J311": "SELECT COUNT(*) FROM visits a JOIN visits b ON a.customer_id = b.customer_id",
    "J314": "SELECT region, bought_on, EXTRACT(month FROM bought_on) AS m, COUNT(*) FROM visits GROUP BY 1, 2, 3",
    "J315": "SELECT SUM(paid * paid * paid * paid * paid * paid * paid * paid * paid * paid) FROM visits",
    "J316": "SELECT COUNT(*) FROM visits WITH ACCURACY 0.5",
    "J402": "SELECT COUNT(*) FROM visits EPSILON 5",
}
"""Questions of analyst ana for purpose planning that are refused with the code."""


def ask(
    house: Path, sql: str, purpose: str = "planning", analyst: str = "ana", options: Options | None = None
) -> str:
    """Return the refusal a question gets."""
    opened = open_house(house)
    try:
        answer(sql, request_of(opened, analyst, purpose, options or Options()), opened)
    except JaliError as error:
        return str(error)
    finally:
        opened.close()
    return ""


def _edited(house: Path, old: str, new: str, file: str = "contracts/shop.odcs.yaml") -> Path:
    path = house / file
    text = path.read_text("utf-8")
    if old not in text:
        msg = f"{file} does not hold {old!r}"
        raise ValueError(msg)
    path.write_text(text.replace(old, new), "utf-8")
    return house


def _late_feed(house: Path) -> str:
    from datetime import UTC, datetime, timedelta

    renew(load_settings(house).consent, datetime.now(UTC) - timedelta(days=3))
    return ask(house, "SELECT COUNT(*) FROM visits")


def _no_bounds(house: Path) -> str:
    _edited(
        house, "bounds: {lower: 0, upper: 100, resolution: 0.01, center: 8}", "bounds: {resolution: 0.01}"
    )
    return ask(house, "SELECT AVG(paid) FROM visits")


def _no_caps(house: Path) -> str:
    _edited(house, "maxDistinct: {product_id: 20}, ", "")
    return ask(house, "SELECT COUNT(DISTINCT product_id) FROM visits")


def _filter_denied(house: Path) -> str:
    _edited(
        house,
        "class: quasi, groupBy: allowed, domain: {from: enum}",
        "class: quasi, filter: denied, groupBy: allowed, domain: {from: enum}",
    )
    return ask(house, "SELECT COUNT(*) FROM visits WHERE region = 'north'")


def _dropped(house: Path) -> str:
    _edited(
        house,
        "class: quasi, groupBy: allowed, domain: {from: dp_key_selection}",
        "class: quasi, output: never, ingest: drop",
    )
    return ask(house, "SELECT COUNT(*) FROM visits WHERE town = 'Burley'")


def _denied_purpose(house: Path) -> str:
    _edited(
        house,
        "      consent: {source",
        '        - {id: credit, dpv: "dpv:CreditChecking", basis: "eu-gdpr:A6-1-f", consent: none}\n'
        '      deniedPurposes: ["dpv:CreditChecking"]\n      consent: {source',
    )
    _edited(house, "perPurpose: {", "perPurpose: {credit: {epsilon: 2}, ")
    return _opening(house)


def _other_role(house: Path) -> str:
    _edited(house, 'roles = ["analyst"]', 'roles = ["visitor"]', "jali.toml")
    return ask(house, "SELECT COUNT(*) FROM visits")


def _backend(house: Path) -> str:
    return ask(house, "SELECT COUNT(*) FROM visits", options=Options(backend="mpc"))


def _exhausted(house: Path) -> str:
    for month in range(1, 29):
        said = ask(
            house, f"SELECT SUM(paid) FROM visits WHERE paid < {month}", options=Options(epsilon=Fraction(2))
        )
        if said:
            return said
    return ""


def _opening(house: Path) -> str:
    try:
        open_house(house).close()
    except JaliError as error:
        return str(error)
    return ""


def _no_ledger(house: Path) -> str:
    _opening(house)
    (house / "ledger.db").unlink()
    return _asked_then(house)


def _asked_then(house: Path) -> str:
    return _opening(house)


def _no_checkpoint(house: Path) -> str:
    _opening(house)
    (house / "audit" / "checkpoint").unlink()
    return _opening(house)


def _no_version(house: Path) -> str:
    (house / "store" / "CURRENT").write_text("v000099\n", "utf-8")
    return ask(house, "SELECT COUNT(*) FROM visits")


def _bad_source(house: Path) -> str:
    source = house.parent / "visits-of-may.csv"
    source.write_text("customer_id,region,town,product_id,bought_on\n1,north,Burley,3,2026-05-02\n", "utf-8")
    settings = load_settings(house)
    try:
        load(load_policies(settings), Vault.open(settings.vault), "visits", str(source))
    except JaliError as error:
        return str(error)
    return ""


def _open_vault(house: Path) -> str:
    (house / "vault").chmod(0o755)
    return _opening(house)


def _no_house(house: Path) -> str:
    (house / "jali.toml").unlink()
    return _opening(house)


def _broken_contract(house: Path) -> str:
    return _opening(_edited(house, "perAnalyst: {epsilon: 8}", "perAnalyst: {epsilon: 80}"))


def _tampered(house: Path) -> str:
    _opening(house)
    settings = load_settings(house)
    ledger = open_ledger(load_policies(settings), Vault.open(settings.vault))
    key = ledger.verifier_key
    ledger.close()
    path = house / "audit" / "entries.jsonl"
    path.write_text(path.read_text("utf-8").replace("activation", "activatiom"), "utf-8")
    found = verify(settings.audit, Path(settings.ledger), key)
    listed = "\n".join(f"{f.step}: {f.said}" for f in found[:2])
    return f"{listed}\n{CheckFailed('the audit log does not verify', hint='read the steps that failed')}"


SITUATIONS: dict[str, tuple[str, Callable[[Path], str]]] = {
    "J201": (
        "A name that `jali.toml` does not declare.",
        lambda h: ask(h, "SELECT COUNT(*) FROM visits", analyst="bob"),
    ),
    "J202": (
        "A purpose that no contract declares.",
        lambda h: ask(h, "SELECT COUNT(*) FROM visits", purpose="marketing"),
    ),
    "J203": ("A user whose role opens no purpose.", _other_role),
    "J204": (
        "A contract whose own purpose is among its `deniedPurposes`; `jali check` finds it, so the house does not open.",
        _denied_purpose,
    ),
    "J205": ("A column the contract keeps out with `ingest: drop`.", _dropped),
    "J208": ("A column with `filter: denied`.", _filter_denied),
    "J210": ("A consent feed that was last heard of three days ago, under `maxLag: P1D`.", _late_feed),
    "J211": ("A question that asks for a back end the contract does not allow.", _backend),
    "J312": (
        "`SELECT AVG(paid) FROM visits` after `lower` and `upper` were taken out of the contract.",
        _no_bounds,
    ),
    "J313": ("`SELECT COUNT(DISTINCT product_id) FROM visits` without `contribution.maxDistinct`.", _no_caps),
    "J317": (
        "Two prices at once.",
        lambda h: ask(h, "SELECT COUNT(*) FROM visits EPSILON 1 WITH ACCURACY 50"),
    ),
    "J319": (
        "A total of people over keys at which one person can be several times.",
        lambda h: ask(h, "SELECT region, COUNT(DISTINCT customer_id) FROM visits GROUP BY ROLLUP (region)"),
    ),
    "J318": ("A question of public tables alone.", lambda h: ask(h, "SELECT COUNT(*) FROM products")),
    "J401": ("The same analyst asks one question after the other at epsilon 2.", _exhausted),
    "J701": ("The ledger file was deleted; its audit log is still there.", _no_ledger),
    "J702": ("The published checkpoint was deleted.", _no_checkpoint),
    "J703": ("The store names a version that is not there.", _no_version),
    "J704": ("A CSV file without the column `paid`.", _bad_source),
    "J705": ("The vault can be read by others.", _open_vault),
    "J801": ("A folder without `jali.toml`.", _no_house),
    "J901": ("An analyst's share larger than the period's.", _broken_contract),
    "J902": ("One letter of a published audit entry was changed.", _tampered),
}
"""Situations that lead to the code, each on its own copy of the shop."""


@lru_cache(maxsize=1)
def examples() -> dict[str, tuple[str, str]]:
    """Return for every code what leads to it and the text people then read."""
    found: dict[str, tuple[str, str]] = {
        "J000": (
            "A defect of Jali; it should never be seen.",
            str(PriceDisagrees("the price of the plan and the price of its mechanisms differ; nothing ran")),
        ),
        "J501": ("Any failure of the engine, whatever its cause.", str(EngineFailed())),
    }
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        house = make_shop(root)
        for code, sql in QUESTIONS.items():
            shown = sql if len(sql) < LONGEST else sql[:50] + " ... " + sql[-20:]
            found[code] = (f"`{shown}`", _only(code, ask(house, sql)))
        for code, (words, run) in SITUATIONS.items():
            place = root / code
            place.mkdir()
            shutil.copytree(house, place / "shop")
            found[code] = (words, _only(code, run(place / "shop").replace(f"{place}/", "")))
        empty = root / "empty"
        empty.mkdir()
        shop = make_shop(empty, has_data=False)
        found["J502"] = (
            "A question before the first load.",
            _only("J502", ask(shop, "SELECT COUNT(*) FROM visits")),
        )
    return found


def _only(code: str, said: str) -> str:
    """Return the text of a refusal; the paragraph of the code itself where there are several."""
    if not said:
        return ""
    parts = [part for part in said.split("\n\n") if f"[{code}]" in part] or said.split("\n\n")[:1]
    return re.sub(r"@20\d\d", "@2026", parts[0])  # accounts carry the year; a page does not change with it


def sections(cls: type[JaliError]) -> tuple[str, dict[str, str]]:
    """Return the first sentence of a class and its three sections by heading.

    Raises:
        ValueError: if the docstring lacks one.
    """
    first, _, rest = inspect.cleandoc(cls.__doc__ or "").partition("\n\n")
    found: dict[str, str] = {}
    heading = ""
    for line in rest.splitlines():
        start = next((h for h in HEADINGS if line.startswith(f"{h}: ")), None)
        heading = start or heading
        text = line.removeprefix(f"{heading}: ") if start else line.strip()
        found[heading] = f"{found.get(heading, '')} {text}".strip()
    if missing := [h for h in HEADINGS if h not in found]:
        msg = f"{cls.__name__} lacks: {', '.join(missing)}"
        raise ValueError(msg)
    return first, found


def page(cls: type[JaliError], example: tuple[str, str] | None) -> str:
    """Return the page of one code."""
    first, said = sections(cls)
    ends = outcome(cls.code)
    lines = [f"# {cls.code}: {cls.title}", "", first, ""]
    for heading in HEADINGS:
        text = said[heading]
        lines += [f"## {heading}", "", f"{text[:1].upper()}{text[1:]}", ""]
    lines += ["## Example", ""]
    words, text = example or ("", "")
    lines += [words or NOT_YET, ""]
    if text:
        lines += ["```text", text, "```", ""]
    lines += [
        f"Class `{cls.__name__}` · exit code {ends.exit_code} · HTTP {ends.http_status} · SQLSTATE {ends.sqlstate}",
        "",
    ]
    lines += ["[All codes](index.md)", ""]
    return MADE.format("tools/error_pages.py") + "\n".join(lines)


def index(classes: dict[str, type[JaliError]]) -> str:
    """Return the page that lists every code."""
    lines = [
        "# Error codes",
        "",
        "A code never changes its meaning. The first digit says where the road ended.",
        "",
    ]
    for family, words in FAMILIES.items():
        mine = {code: cls for code, cls in classes.items() if code.startswith(family)}
        if not mine:
            continue
        ends = outcome(next(iter(mine)))
        lines += [f"## {family}xx: {words} (exit code {ends.exit_code})", ""]
        lines += [f"* [{code}]({code}.md) {cls.title}" for code, cls in mine.items()]
        lines.append("")
    return MADE.format("tools/error_pages.py") + "\n".join(lines)


def pages() -> dict[Path, str]:
    """Return every page by path."""
    classes, found = every_code(), examples()
    made = {FOLDER / f"{code}.md": page(cls, found.get(code)) for code, cls in classes.items()}
    return {FOLDER / "index.md": index(classes), **made}


def main(arguments: list[str]) -> int:
    """Write or check the pages."""
    made = pages()
    leftovers = [path for path in sorted(FOLDER.glob("*.md")) if path not in made]
    return finish(made, arguments, leftovers)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
