"""The published schemas are valid, closed and in the package."""

from collections.abc import Iterator

import pytest
from jsonschema import Draft202012Validator

from jali.policy import schemas


@pytest.mark.parametrize("name", schemas.NAMES)
def test_a_schema_is_valid_and_closed(name: str) -> None:
    schema = schemas.load(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for part in objects(schema):
        assert "additionalProperties" in part or "minProperties" in part, part


def objects(node: object) -> Iterator[dict[str, object]]:
    if isinstance(node, dict):
        if node.get("type") == "object":
            yield node
        for child in node.values():
            yield from objects(child)
    elif isinstance(node, list):
        for child in node:
            yield from objects(child)


def test_an_unknown_schema_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        schemas.load("../../secrets")


def test_the_standard_is_the_pinned_one() -> None:
    assert schemas.odcs()["title"] == "Open Data Contract Standard (ODCS)"
