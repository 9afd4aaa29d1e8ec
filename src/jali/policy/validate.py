"""Checks a node against a JSON Schema and says what is wrong in our words: what was got, what is allowed."""

import difflib
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from jsonschema import validators
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.protocols import Validator

from jali.policy import schemas
from jali.policy.findings import Report
from jali.policy.source import Node, Tree

_TYPES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}


def conforms(node: Node, name: str, report: Report) -> bool:
    """Return whether the node satisfies our schema of this name; what does not is added to the report."""
    found = False
    for error in _validator(name).iter_errors(
        cast("Any", node.value)
    ):  # jsonschema's own signature asks for Any
        found = True
        _explain(error, node, report)
    return not found


def conforms_to_standard(node: Node, report: Report) -> bool:
    """Return whether a whole contract satisfies the official schema of ODCS 3.2.0."""
    found = False
    for error in _validator("odcs").iter_errors(cast("Any", node.value)):  # as above
        found = True
        deepest = best_match([error]) or error
        at = node.at(*deepest.absolute_path)
        if deepest.validator in {"unevaluatedProperties", "additionalProperties"}:
            at = next((child for key, child in at.items() if f"'{key}' w" in deepest.message), at)
        report.error(at, "S001", f"{subject(at)} breaks ODCS 3.2.0: {_short(deepest.message)}")
    return not found


@cache
def _validator(name: str) -> Validator:
    schema = schemas.odcs() if name == "odcs" else schemas.load(name)
    return validators.validator_for(schema)(schema)


def _explain(error: ValidationError, node: Node, report: Report) -> None:
    at = node.at(*error.absolute_path)
    rule = cast("Mapping[str, object]", error.schema) if isinstance(error.schema, dict) else {}
    match error.validator:
        case "additionalProperties":
            _unknown_keys(at, rule, report)
        case "required":
            missing = error.message.split("'")[1]
            report.error(at, "S004", f"{subject(at)} lacks the key '{missing}'; add it")
        case _ if "propertyNames" in error.absolute_schema_path:
            bad = str(error.instance)
            report.error(
                at.at(bad), "S003", f"the name {shown(bad)} is not allowed; allowed: {_allowed(rule)}"
            )
        case "anyOf" if error.context and isinstance(error.instance, dict) and _deeper(error):
            for inner in _deeper(error):
                _explain(inner, node, report)
        case _:
            report.error(at, "S003", f"{subject(at)} is {shown(at.value)}; allowed: {_allowed(rule)}")


def _deeper(error: ValidationError) -> list[ValidationError]:
    """Return the errors inside the alternative that takes a mapping."""
    return [
        inner
        for inner in error.context or ()
        if inner.validator not in {"const", "type"} or len(inner.path) > 0
    ]


def _unknown_keys(at: Node, rule: Mapping[str, object], report: Report) -> None:
    known = rule.get("properties")
    names = sorted(cast("Mapping[str, object]", known)) if isinstance(known, dict) else []
    for key, child in at.items():
        if key in names:
            continue
        close = difflib.get_close_matches(key, names, n=1)
        hint = f"did you mean {close[0]}?" if close else f"allowed: {', '.join(names)}"
        report.error(child, "S002", f"unknown key {shown(key)} in {subject(at)}; {hint}")


def _allowed(rule: Mapping[str, object]) -> str:
    values, kind = rule.get("enum"), rule.get("type")
    if isinstance(values, list):
        return ", ".join(str(value) for value in cast("list[object]", values) if value is not None)
    if "description" in rule:
        return str(rule["description"])
    if isinstance(kind, str):
        return _TYPES[kind] + (" with at least one key" if "minProperties" in rule else "")
    return "see the published schema"


def shown(value: Tree) -> str:
    """Return a value of a policy file as short text."""
    match value:
        case None:
            return "empty"
        case bool():
            return "true" if value else "false"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case str():
            return f"'{_short(value, 60)}'"
        case _:
            return str(value)


def subject(at: Node) -> str:
    """Return what a person calls this place: table and column by name, then the keys of our own block."""
    words: list[str] = []
    here = at.document.root
    for part in at.path:
        here = here.at(part)
        parent = words[-1] if words else ""
        if isinstance(part, int) and parent in {"schema", "properties"}:
            words[-1:] = [here.at("name").text(str(part))]
        elif isinstance(part, int) and parent == "customProperties":
            words[-1:] = [here.at("property").text(str(part))]
        elif not (part == "value" and parent == "privacy"):
            words.append(str(part))
    return ".".join(words) or "the file"


def _short(text: str, length: int = 200) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 3] + "..."
