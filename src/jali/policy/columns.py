"""One column of a contract: class, transform, aggregates, bounds, grouping. Default deny throughout."""

from fractions import Fraction

from jali.model.schema import (
    DEFAULT_LENGTH,
    LONGEST_TEXT,
    Bounds,
    Column,
    ColumnClass,
    GroupBy,
    SelectedDomain,
    Transform,
)
from jali.model.types import INTEGER, TEXT, Kind, Type, decimal_places
from jali.policy.domains import domain_of
from jali.policy.findings import Report
from jali.policy.outline import ColumnOutline, Outline, TableOutline
from jali.policy.source import Node, plain
from jali.policy.transforms import PSEUDONYMS, check_transform, effective_transform, stored_type

SUMS = ("sum", "mean", "variance")
RANKS = ("quantile", "minmax")
LARGEST = 2**53


def column_of(column: ColumnOutline, table: TableOutline, outline: Outline, report: Report) -> Column:
    """Return the column as the rest of the product sees it; what breaks a rule is added to the report."""
    if not column.privacy.is_given or not column.is_sound:
        return _closed(column)
    check_transform(column, report)
    transform = effective_transform(column, outline, report)
    type_ = stored_type(column, transform, outline, report)
    aggregates = frozenset(column.privacy.at("aggregates").texts())
    bounds = _bounds(column, type_, report)
    made = Column(
        name=column.name,
        source_type=column.source_type,
        type=type_,
        column_class=ColumnClass(column.privacy.at("class").text()),
        readable=column.lands,
        lands=column.lands,
        required=column.node.at("required").flag() or column.node.at("primaryKey").flag(),
        is_primary_key=column.node.at("primaryKey").flag(),
        output_never=column.privacy.at("output").value == "never",
        group_by=GroupBy(column.privacy.at("groupBy").text("denied")),
        domain=domain_of(column, type_, transform, outline, report),
        bounds=bounds,
        per_unit_upper=column.privacy.at("perUnit", "upper").number(),
        aggregates=aggregates,
        may_filter=_may_filter(column),
        transform=transform,
        unit_of_measure=column.privacy.at("unitOfMeasure").text(),
        rule=column.privacy.rule,
        description=column.node.at("description").text(),
        max_length=_max_length(column, report),
    )
    _check_class(column, made, table, report)
    _check_aggregates(column, made, table, report)
    _check_grouping(column, made, table, report)
    return made


def _max_length(column: ColumnOutline, report: Report) -> int:
    at = column.node.at("logicalTypeOptions", "maxLength")
    if not at.is_given:
        return DEFAULT_LENGTH
    length = at.whole()
    if length is None or not 1 <= length <= LONGEST_TEXT:
        report.error(at, "C245", f"maxLength of {column.label} is a whole number from 1 to {LONGEST_TEXT}")
        return DEFAULT_LENGTH
    return length


def _closed(column: ColumnOutline) -> Column:
    """Return a column that nobody opened: it does not land and cannot be read."""
    return Column(
        name=column.name,
        source_type=column.source_type,
        type=INTEGER if column.source_type in {"integer", "number"} else TEXT,
        column_class=None,
        readable=False,
        lands=False,
        required=column.node.at("required").flag(),
        is_primary_key=column.node.at("primaryKey").flag(),
        output_never=True,
        group_by=GroupBy.DENIED,
        domain=None,
        bounds=None,
        per_unit_upper=None,
        aggregates=frozenset(),
        may_filter=False,
        transform=None,
        unit_of_measure="",
        rule=column.node.rule,
        description=column.node.at("description").text(),
    )


def _may_filter(column: ColumnOutline) -> bool:
    is_identifier = column.privacy.at("class").value == "identifier"
    return column.lands and not is_identifier and column.privacy.at("filter").value != "denied"


def _bounds(column: ColumnOutline, type_: Type, report: Report) -> Bounds | None:
    node = column.privacy.at("bounds")
    if not node.is_given:
        return None
    if node.value == "auto":
        report.error(
            node, "C211", f"bounds of {column.label} cannot be found automatically yet; give lower and upper"
        )
        return None
    if column.source_type not in {"integer", "number"}:
        report.error(
            node, "C212", f"{column.label} is {column.source_type}: only numbers have bounds; remove them"
        )
        return None
    lower, upper = node.at("lower").number(), node.at("upper").number()
    resolution = node.at("resolution").number() or type_.step
    center = node.at("center").number()
    _check_resolution(column, node, resolution, report)
    if lower is None and upper is None and center is None:
        return None
    if lower is None or upper is None:
        report.error(node, "C213", f"bounds of {column.label} need both lower and upper")
        return None
    _check_order(column, node, Bounds(lower, upper, resolution, center), report)
    return Bounds(lower, upper, resolution, center)


def _check_resolution(column: ColumnOutline, node: Node, resolution: Fraction, report: Report) -> None:
    if column.source_type == "integer" and resolution != 1:
        report.error(
            node.at("resolution"),
            "C214",
            f"{column.label} is an integer, so its resolution is 1, not {plain(resolution)}; else use number",
        )
    if (resolution * 10 ** decimal_places(resolution)).denominator != 1:
        report.error(node.at("resolution"), "C214", f"resolution of {column.label} has more than 9 decimals")


def _check_order(column: ColumnOutline, node: Node, bounds: Bounds, report: Report) -> None:
    lower, upper = plain(bounds.lower), plain(bounds.upper)
    if bounds.lower >= bounds.upper:
        report.error(
            node, "C213", f"bounds of {column.label} go from {lower} to {upper}; lower must be below upper"
        )
    elif bounds.center is not None and not bounds.lower <= bounds.center <= bounds.upper:
        got = plain(bounds.center)
        report.error(
            node.at("center"), "C213", f"center of {column.label} is {got}; allowed: from {lower} to {upper}"
        )
    if bounds.resolution > bounds.upper - bounds.lower > 0:
        report.error(
            node.at("resolution"),
            "C214",
            f"resolution of {column.label} is wider than its bounds; take a finer one",
        )
    if max(abs(bounds.lower), abs(bounds.upper)) / bounds.resolution > LARGEST:
        report.error(
            node, "C214", f"bounds of {column.label} need more than 2^53 steps; take a coarser resolution"
        )


def _check_class(column: ColumnOutline, made: Column, table: TableOutline, report: Report) -> None:
    privacy = column.privacy
    is_identifier = made.column_class is ColumnClass.IDENTIFIER
    if is_identifier:
        _check_identifier(column, made, report)
        if table.is_public:
            report.error(
                privacy,
                "C231",
                f"{column.label} is an identifier in a public table; a public table holds no person",
            )
    elif privacy.at("matchKey").flag():
        report.error(
            privacy.at("matchKey"),
            "C239",
            f"{column.label} is no identifier, so it is no matchKey; remove it",
        )
    elif made.transform is not None and made.transform.kind in PSEUDONYMS:
        report.error(
            privacy,
            "C232",
            f"{column.label} is pseudonymised, so its class is identifier, not {privacy.at('class').text()}",
        )
    if privacy.at("ingest").value in {"mask", "tokenise"} and made.transform is None:
        words = (
            f"{column.label} says ingest: {privacy.at('ingest').text()} and how is missing; add a transform"
        )
        report.error(privacy.at("ingest"), "C240", words)
    if made.output_never and made.group_by is not GroupBy.DENIED:
        report.error(
            privacy.at("groupBy"),
            "C233",
            f"{column.label} has output: never, so it cannot be a key; set groupBy: denied",
        )
    if table.is_public and made.domain == SelectedDomain():
        report.error(
            privacy.at("domain"),
            "C222",
            f"{column.label} is public: its keys are known; name table and column",
        )


def _check_identifier(column: ColumnOutline, made: Column, report: Report) -> None:
    privacy, label = column.privacy, column.label
    if not made.output_never:
        report.error(privacy, "C234", f"{label} is an identifier; add output: never")
    if made.lands and not _is_pseudonym(made.transform):
        report.error(
            privacy,
            "C235",
            f"{label} is an identifier; add a transform (hmac, ff1, token_vault) or ingest: drop",
        )
    if privacy.at("ingest").value in {"keep", "mask"}:
        words = f"{label} is an identifier, so ingest is drop or tokenise, not {privacy.at('ingest').text()}"
        report.error(privacy.at("ingest"), "C238", words)
    if privacy.at("filter").value == "allowed":
        report.error(
            privacy.at("filter"),
            "C236",
            f"{label} is an identifier, so no condition may use it; filter: denied",
        )
    if made.group_by is not GroupBy.DENIED:
        report.error(
            privacy.at("groupBy"), "C233", f"{label} is an identifier, so it cannot be a key; groupBy: denied"
        )
    if wrong := sorted(made.aggregates - {"count", "count_distinct"}):
        report.error(
            privacy.at("aggregates"),
            "C237",
            f"{label} is an identifier; allowed: count, count_distinct, not {wrong[0]}",
        )
    if privacy.at("domain").is_given:
        report.error(
            privacy.at("domain"),
            "C222",
            f"{label} is an identifier, so its values are not listed; remove domain",
        )


def _is_pseudonym(transform: Transform | None) -> bool:
    return transform is not None and transform.kind in PSEUDONYMS | {"null"}


def _check_aggregates(column: ColumnOutline, made: Column, table: TableOutline, report: Report) -> None:
    at, label = column.privacy.at("aggregates"), column.label
    measures = [name for name in (*SUMS, *RANKS) if name in made.aggregates]
    per_unit = column.privacy.at("perUnit")
    if per_unit.is_given and not made.aggregates & {"sum", "mean", "variance", "count_distinct"}:
        report.error(
            per_unit,
            "C218",
            f"perUnit of {label} bounds a sum or distinct count; add the aggregate or remove it",
        )
    if not measures or made.column_class is ColumnClass.IDENTIFIER:
        return
    if made.type.kind is not Kind.NUMBER:
        report.error(
            at, "C215", f"{measures[0]} of {label} needs a number; it is stored as {made.type.sql_name()}"
        )
        return
    if made.bounds is not None or table.is_public or column.privacy.at("bounds").value == "auto":
        return
    if ranks := [name for name in RANKS if name in made.aggregates]:
        report.error(at, "C216", f"{ranks[0]} of {label} needs bounds; add bounds: {{lower, upper}}")
    elif not _is_clipped(column, table):
        report.error(
            at,
            "C217",
            f"{measures[0]} of {label} needs bounds or a contribution.clip; add bounds: {{lower, upper}}",
        )
    elif _is_auto(column, table) and made.per_unit_upper is None:
        report.error(
            at, "C217", f"an automatic clip of {label} needs an end; add perUnit: {{upper}} or bounds"
        )


def _clip(column: ColumnOutline, table: TableOutline) -> Node:
    clip = table.privacy.at("contribution", "clip")
    return clip if clip.value == "auto" else clip.at(column.name)


def _is_clipped(column: ColumnOutline, table: TableOutline) -> bool:
    return _clip(column, table).is_given


def _is_auto(column: ColumnOutline, table: TableOutline) -> bool:
    return _clip(column, table).value == "auto"


def _check_grouping(column: ColumnOutline, made: Column, table: TableOutline, report: Report) -> None:
    at, label, domain = column.privacy.at("groupBy"), column.label, column.privacy.at("domain")
    if made.group_by is GroupBy.DENIED or made.output_never:
        return
    if not made.lands:
        report.error(at, "C223", f"{label} never lands, so it cannot be a key; set groupBy: denied")
    if made.group_by is GroupBy.TRANSFORMED and made.transform is None:
        report.error(at, "C224", f"{label} has no transform; write groupBy: allowed, or add the transform")
    if made.group_by is GroupBy.BINNED:
        if not domain.is_given and made.bounds is None:
            report.error(at, "C225", f"binned keys of {label} need a finite range; add bounds or a domain")
        return
    if not domain.is_given:
        report.error(
            at,
            "C226",
            f"groupBy: {made.group_by.value} of {label} needs a domain; add one, such as {{from: enum}}",
        )
    if made.group_by is GroupBy.ALLOWED and made.transform is not None and not table.is_public:
        report.warning(
            at, "C227", f"{label} is stored transformed; write groupBy: transformed, so that readers know"
        )
