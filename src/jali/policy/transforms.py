"""What ingestion does to a column, and the type of the value that is then stored."""

from dataclasses import dataclass

from jali.model.schema import Transform
from jali.model.types import BOOLEAN, DATE, IDENTIFIER, INTEGER, TEXT, TIMESTAMP, UNIT, Kind, Type
from jali.policy.findings import Report
from jali.policy.outline import ColumnOutline, Outline
from jali.policy.source import Node

PSEUDONYMS = frozenset({"hmac", "ff1", "token_vault"})
DATE_STEPS = ("month", "quarter", "year")
TIME_STEPS = ("second", "minute", "hour", "day", *DATE_STEPS)


@dataclass(frozen=True, slots=True)
class _Form:
    """What a kind of transform needs: keys that must be there, keys that may be, source types it works on."""

    needs: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()
    source_types: frozenset[str] = frozenset()  # empty: any


_TEMPORAL = frozenset({"date", "timestamp"})
_FORMS: dict[str, _Form] = {
    "hmac": _Form(frozenset({"key", "context"})),
    "ff1": _Form(frozenset({"key", "alphabet"}), source_types=frozenset({"string", "integer"})),
    "token_vault": _Form(may=frozenset({"key"})),
    "generalise": _Form(frozenset({"map"}), source_types=frozenset({"string"})),
    "bin": _Form(frozenset({"width", "from", "until"}), frozenset({"to"}), _TEMPORAL | {"integer", "number"}),
    "prefix": _Form(frozenset({"length"}), source_types=frozenset({"string"})),
    "truncate": _Form(frozenset({"to"}), source_types=_TEMPORAL),
    "mask": _Form(may=frozenset({"keep"}), source_types=frozenset({"string"})),
    "null": _Form(),
    "local": _Form(may=frozenset({"epsilon"})),
}


def own_transform(column: ColumnOutline) -> Transform | None:
    """Return the transform written at the column itself."""
    node = column.privacy.at("transform")
    if not node.is_given:
        return None
    parameters: dict[str, object] = {key: child.value for key, child in node.items() if key != "kind"}
    return Transform(node.at("kind").text("null"), parameters)


def effective_transform(column: ColumnOutline, outline: Outline, report: Report) -> Transform | None:
    """Return the column's transform: its own, or the one its foreign key inherits.

    A foreign key whose own transform differs from its target's is an error: the values could never meet.
    """
    own = own_transform(column)
    inherited = _inherited(column, outline)
    if own is not None and inherited is not None and own != inherited:
        report.error(
            column.privacy.at("transform"),
            "C201",
            f"{column.label} is transformed unlike its foreign key's target {'.'.join(column.target or ())};"
            " give both the same transform, or leave it out here to inherit",
        )
    return own or inherited


def _inherited(column: ColumnOutline, outline: Outline) -> Transform | None:
    seen = {(column.table, column.name)}
    target = column.target
    while target is not None and target not in seen:
        seen.add(target)
        found = outline.column(*target)
        if found is None:
            return None
        if (transform := own_transform(found)) is not None:
            return transform
        target = found.target
    return None


def check_transform(column: ColumnOutline, report: Report) -> None:
    """Report a transform that lacks a parameter, has one too many, or does not fit the source type."""
    node = column.privacy.at("transform")
    transform = own_transform(column)
    if transform is None:
        return
    form = _FORMS[transform.kind]
    given = set(transform.parameters)
    for missing in sorted(form.needs - given):
        report.error(node, "C202", f"transform {transform.kind} of {column.label} lacks '{missing}'; add it")
    for extra in sorted(given - form.needs - form.may):
        report.error(
            node.at(extra),
            "C203",
            f"transform {transform.kind} of {column.label} takes no '{extra}'; remove it",
        )
    if form.source_types and column.source_type not in form.source_types:
        allowed = ", ".join(sorted(form.source_types))
        report.error(
            node,
            "C204",
            f"{transform.kind} does not fit the {column.source_type} {column.label}; it takes: {allowed}",
        )
    _check_step(column, transform, node, report)


def _check_step(column: ColumnOutline, transform: Transform, node: Node, report: Report) -> None:
    is_bin = transform.kind == "bin"
    step = node.at("to").text()
    if is_bin and column.source_type in _TEMPORAL and step != "year":
        report.error(node, "C205", f"bin of {column.label} needs to: year; use truncate for finer steps")
    if is_bin and column.source_type not in _TEMPORAL and step:
        report.error(
            node.at("to"), "C205", f"bin of the {column.source_type} {column.label} takes no 'to'; remove it"
        )
    if transform.kind == "truncate" and column.source_type == "date" and step and step not in DATE_STEPS:
        report.error(
            node.at("to"),
            "C205",
            f"the date {column.label} cannot be truncated to {step}; allowed: " + ", ".join(DATE_STEPS),
        )
    lower, upper, width = node.at("from").number(), node.at("until").number(), node.at("width").number()
    if is_bin and lower is not None and upper is not None and lower >= upper:
        report.error(
            node, "C206", f"bin of {column.label} goes from {lower} until {upper}; from must be below until"
        )
    is_whole = column.source_type == "integer" or column.source_type in _TEMPORAL
    if (
        is_bin
        and is_whole
        and any(part is not None and part.denominator != 1 for part in (lower, upper, width))
    ):
        report.error(node, "C206", f"bin of {column.label} needs whole numbers")


def stored_type(column: ColumnOutline, transform: Transform | None, outline: Outline, report: Report) -> Type:
    """Return the type of the value in the store, after the transform."""
    kind = transform.kind if transform else ""
    if (column.table, column.name) in outline.unit_columns:
        return UNIT
    if kind in PSEUDONYMS or column.privacy.at("class").value == "identifier":
        return IDENTIFIER
    if kind in {"generalise", "mask", "prefix"}:
        return TEXT
    if kind == "bin" and column.source_type in _TEMPORAL:
        return INTEGER
    plain = {"string": TEXT, "integer": INTEGER, "date": DATE, "timestamp": TIMESTAMP, "boolean": BOOLEAN}
    if (found := plain.get(column.source_type)) is not None:
        return found
    if column.source_type == "number":
        return _grid(column, report)
    if column.lands:
        allowed = ", ".join(sorted([*plain, "number"]))
        report.error(
            column.node,
            "C207",
            f"{column.label} is of type {column.source_type}; allowed: {allowed}, or ingest: drop",
        )
    return TEXT


def _grid(column: ColumnOutline, report: Report) -> Type:
    resolution = column.privacy.at("bounds", "resolution").number()
    if resolution is not None:
        return Type(Kind.NUMBER, resolution)
    if column.lands:
        report.error(
            column.privacy,
            "C208",
            f"{column.label} is a number without a grid; add bounds.resolution, such as 0.01 for cents",
        )
    return INTEGER
