"""The published JSON Schemas (draft 2020-12) of all house files; unknown keys are errors."""

import json
from importlib.resources import files
from typing import TypeAlias, cast

JsonSchema: TypeAlias = dict[str, object]

NAMES = ("contract", "table", "column", "population", "charter", "settings")

__all__ = ["NAMES", "JsonSchema", "load", "odcs"]


def load(name: str) -> JsonSchema:
    """Return one schema: contract, table, column (our `privacy` values), population, charter or settings.

    Raises:
        KeyError: if there is no schema of this name.

    Example:
        >>> load("column")["title"]
        'privacy of a column'
    """
    if name not in NAMES:
        raise KeyError(name)
    return _read("jali.policy.schemas", f"{name}.json")


def odcs() -> JsonSchema:
    """Return the official schema of the Open Data Contract Standard 3.2.0, as its own package ships it."""
    return _read("open_data_contract_standard", "schema.json")


def _read(package: str, name: str) -> JsonSchema:
    text = files(package).joinpath(name).read_text(encoding="utf-8")
    return cast("JsonSchema", json.loads(text))  # our own file, or a pinned package's: an object by test
