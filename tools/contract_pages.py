"""Makes the reference of contract keys and settings from the JSON Schemas, and of functions from sql.expressions.

The schemas say which keys there are and what they take; what a key means is said here, once per key, and a key
without a meaning stops the making.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import cast

from jali.sql import dates
from jali.sql.evaluate import FUNCTIONS
from tools.meanings import FUNCTION_ROWS, INNER_FUNCTIONS, MEANINGS
from tools.pages import DOCS, MADE, finish

Json = Mapping[str, object]
REFERENCE = DOCS / "reference"


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a schema: its dotted path, what it takes and whether it must be there."""

    path: str
    takes: str
    is_required: bool


def schema(name: str) -> Json:
    """Return one of the packaged schemas."""
    text = (files("jali.policy") / "schemas" / f"{name}.json").read_text("utf-8")
    return cast("Json", json.loads(text))


def keys_of(node: Json, prefix: str = "") -> Iterator[Key]:
    """Yield every key below an object, in the order of the schema."""
    required = cast("list[str]", node.get("required", []))
    for name, child in cast("Mapping[str, Json]", node.get("properties", {})).items():
        path = f"{prefix}{name}"
        yield Key(path, takes(child), name in required)
        yield from keys_of(_inner(child), f"{path}.")


def _inner(node: Json) -> Json:
    """Return the object whose keys a node holds: itself, the items of a list, or one of its forms."""
    if "items" in node:
        return cast("Json", node["items"])
    for form in cast("list[Json]", node.get("anyOf", [])):
        if "properties" in form:
            return form
    extra = node.get("additionalProperties")
    if isinstance(extra, Mapping):
        inner = cast("Json", extra)
        return {"properties": {"NAME": inner}, "required": []} if "properties" in inner else {}
    return node


def takes(node: Json) -> str:
    """Return in words what a key takes."""
    if "enum" in node:
        values = [
            str(v).lower() if isinstance(v, bool) else str(v)
            for v in cast("list[object]", node["enum"])
            if v is not None
        ]
        return " or ".join(f"`{v}`" for v in values)
    if "anyOf" in node:
        return str(node.get("description", "")) or "one of several forms"
    items = cast("Json", node.get("items", {}))
    if "enum" in items:
        return "a list of " + ", ".join(f"`{v}`" for v in cast("list[str]", items["enum"]))
    said = str(node.get("description", ""))
    return said or {"object": "a mapping", "array": "a list"}.get(str(node.get("type")), "a value")


def table(schema_name: str) -> list[str]:
    """Return the rows of one schema as a Markdown table.

    Raises:
        ValueError: if a key has no meaning.
    """
    lines = ["| key | takes | what it does |", "|---|---|---|"]
    for key in keys_of(schema(schema_name)):
        meaning = _meaning(schema_name, key.path)
        must = " **Required.**" if key.is_required and "." not in key.path else ""
        taken = key.takes.replace("|", "\\|")
        lines.append(f"| `{key.path}` | {taken} | {meaning}{must} |")
    return lines


def _meaning(schema_name: str, path: str) -> str:
    known = MEANINGS[schema_name]
    parts = path.split(".")
    candidates = [
        path,
        *(f"{'.'.join(parts[:i])}.*.{parts[-1]}" for i in range(len(parts) - 1)),
        f"*.{parts[-1]}",
    ]
    for candidate in candidates:
        if candidate in known:
            return known[candidate]
    msg = f"tools/meanings.py does not say what {path} of {schema_name} means"
    raise ValueError(msg)


def contract_page() -> str:
    """Return docs/reference/contract.md."""
    parts = [
        "# Contract keys",
        "",
        "A contract is one file of the Open Data Contract Standard, version 3.2.0, in the folder `contracts/`, named",
        "`NAME.odcs.yaml`. Our rules stand in `customProperties` as `{property: privacy, vendor: jali, value: {...}}` at",
        "three levels: a column, a table, the contract. An unknown key is an error, never ignored. How to write one:",
        "[write a contract](../how-to/write-a-contract.md). An example: [the tutorial's](../examples/shop.odcs.yaml).",
        "",
        "Keys marked *not yet* are read and checked, and nothing acts on them in this version.",
        "",
    ]
    for name, heading, words in (
        (
            "column",
            "Privacy of a column",
            "A column without this block does not exist: it never lands and cannot be named.",
        ),
        (
            "table",
            "Privacy of a table",
            "A private table has `unitKey` or `unitPath`; a public one has `unitRole: public`.",
        ),
        ("contract", "Privacy of a contract", "At the end of the file."),
        (
            "population",
            "Population file",
            "`populations/NAME.yaml`: who is protected, and what never resets.",
        ),
        (
            "charter",
            "Charter",
            "`charter.yaml`: promises that every contract and population must keep. One per house.",
        ),
    ):
        parts += [f"## {heading}", "", words, "", *table(name), ""]
    return MADE.format("tools/contract_pages.py") + "\n".join(parts)


def settings_page() -> str:
    """Return docs/reference/settings.md."""
    parts = [
        "# Settings",
        "",
        "A house is a folder with a `jali.toml`. Every setting can come from the environment instead: `KEY` is",
        "`JALI_KEY`, and a key inside a table is written with two underscores, such as `JALI_PLUGINS__TRUST=central` or",
        "`JALI_USERS__ANA__ROLES=analyst`. Lists are separated by commas. Passwords are refused in this file.",
        "",
        *table("settings"),
        "",
        "## Other variables of the environment",
        "",
        "| variable | what it does |",
        "|---|---|",
        "| `JALI_HOUSE` | the house a command works in; `--house` wins over it, and without both the nearest folder with a `jali.toml` counts |",
        "| `JALI_ANALYST` | who asks, where `--as` is not given |",
        "| `JALI_DEBUG` | `1` prints the trace of a failure; it may hold data, so it is for developers on invented data |",
        "",
        "No setting, option or variable turns noise off.",
        "",
        "## Plug-in groups",
        "",
        "A part from another package is found by its entry point and used only if `[plugins]` names it.",
        "",
        "| group | setting | what it holds |",
        "|---|---|---|",
        "| `jali.engines` | `plugins.engines` | engines that compute exact bounded totals; ours is `duckdb` |",
        "| `jali.trust` | `plugins.trust` | trust back ends; ours is `central` |",
        "| `jali.ledgers` | `plugins.ledgers` | ledgers; ours is `sqlite` |",
        "| `jali.sources` | `plugins.sources` | where ingestion reads from; ours is `files` (Parquet and CSV) |",
        "| `jali.mechanisms` | `plugins.mechanisms` | none: our own mechanisms need no plug-in |",
        "| `jali.identity` | `plugins.identity` | none: users stand in `jali.toml` |",
        "",
    ]
    return MADE.format("tools/contract_pages.py") + "\n".join(parts)


def functions_page() -> str:
    """Return docs/reference/functions.md.

    Raises:
        ValueError: if a function of the code is not described, or one described does not exist.
    """
    described = {name for row in FUNCTION_ROWS for name in row.names} | set(INNER_FUNCTIONS)
    if described != FUNCTIONS:
        msg = f"functions not described: {sorted(FUNCTIONS - described)}; described and gone: {sorted(described - FUNCTIONS)}"
        raise ValueError(msg)
    parts = [
        "# Functions and operators",
        "",
        "Whatever is not in this table is refused with [J105](errors/J105.md) or [J104](errors/J104.md). Each entry is",
        "total: it gives a value or NULL for everything a column can hold, and never an error. Numbers are exact unless",
        "the table says double.",
        "",
        "| written | gives | notes |",
        "|---|---|---|",
        *(f"| {row.written} | {row.gives} | {row.notes} |" for row in FUNCTION_ROWS),
        "",
        f"Date parts: {', '.join(f'`{p}`' for p in dates.PARTS)}. `dayofweek` counts from Sunday = 0, `isodow` from Monday = 1.",
        f"Units of `DATE_TRUNC`: {', '.join(f'`{p}`' for p in dates.TRUNCATIONS)}.",
        "",
        "Aggregates and the functions over released values are in the [SQL reference](sql.md).",
        "",
    ]
    return MADE.format("tools/contract_pages.py") + "\n".join(parts)


def pages() -> dict[Path, str]:
    """Return every page by path."""
    return {
        REFERENCE / "contract.md": contract_page(),
        REFERENCE / "settings.md": settings_page(),
        REFERENCE / "functions.md": functions_page(),
    }


def main(arguments: list[str]) -> int:
    """Write or check the pages."""
    return finish(pages(), arguments, [])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
