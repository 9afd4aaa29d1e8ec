"""One table of a contract: where its unit is, what one unit may contribute, what it refers to."""

from collections.abc import Mapping
from fractions import Fraction

from jali.model.schema import AutoBound, Column, Contribution, Table
from jali.model.types import Kind
from jali.policy.columns import SUMS, column_of
from jali.policy.findings import Report
from jali.policy.outline import Outline, TableOutline
from jali.policy.source import Node
from jali.policy.transforms import effective_transform

_SHORTEST_PATH = 3


def tables_of(outline: Outline, contract_id: str, report: Report) -> tuple[Table, ...]:
    """Return every table that has a privacy block; what breaks a rule is added to the report."""
    found = [
        _table(table, outline, contract_id, report)
        for table in outline.tables.values()
        if table.privacy.is_given
    ]
    _check_one_pseudonym(outline, report)
    return tuple(found)


def _table(table: TableOutline, outline: Outline, contract_id: str, report: Report) -> Table:
    columns = tuple(column_of(column, table, outline, report) for column in table.columns)
    if table.is_sound:
        _check_role(table, columns, outline, report)
        _check_contribution(table, columns, report)
        _check_foreign_keys(table, outline, report)
    return Table(
        name=table.name,
        is_public=table.is_public,
        columns=columns,
        unit_column=None if table.is_public else table.unit_key,
        unit_path=table.privacy.at("unitPath").texts(),
        contribution=_contribution(table.privacy.at("contribution")),
        foreign_keys=table.foreign_keys,
        contract_id=contract_id,
        rule=table.privacy.rule,
        description=table.node.at("description").text(),
        unit_root=outline.unit_root(table),
    )


def _check_role(table: TableOutline, columns: tuple[Column, ...], outline: Outline, report: Report) -> None:
    privacy, name = table.privacy, table.name
    if table.is_public:
        _check_public(table, columns, report)
        return
    path = privacy.at("unitPath")
    if privacy.at("source").is_given:
        report.error(privacy.at("source"), "C301", f"{name} is private, so it takes no source; remove it")
    if (table.unit_key is None) == (not path.is_given):
        report.error(
            privacy,
            "C302",
            f"{name} needs unitKey (a column), unitPath (a way to it) or unitRole: public: exactly one",
        )
    if table.unit_key is not None:
        _check_unit_key(table, columns, report)
    if path.is_given:
        _check_path(table, path, outline, report)
    units = [column.name for column in columns if column.type.kind is Kind.UNIT and column.lands]
    if path.is_given and units:
        report.error(
            privacy,
            "C303",
            f"{name} reaches the unit by unitPath and carries it in {units[0]}; drop one",
        )
    if len(units) > 1:
        report.error(
            privacy,
            "C303",
            f"{name} has two unit columns, {units[0]} and {units[1]}: nothing bounds that; drop one",
        )


def _check_public(table: TableOutline, columns: tuple[Column, ...], report: Report) -> None:
    privacy, name = table.privacy, table.name
    if not privacy.at("source").is_given:
        report.error(
            privacy, "C304", f"{name} is public; add source: where it comes from, outside the private data"
        )
    for key in ("unitKey", "unitPath", "contribution"):
        if privacy.at(key).is_given:
            report.error(privacy.at(key), "C305", f"{name} is public, so it takes no {key}; remove it")
    if any(column.type.kind is Kind.UNIT for column in columns):
        report.error(privacy, "C306", f"{name} is public and carries the unit; it cannot be both")


def _check_unit_key(table: TableOutline, columns: tuple[Column, ...], report: Report) -> None:
    at, label = table.privacy.at("unitKey"), f"{table.name}.{table.unit_key}"
    column = next((c for c in columns if c.name == table.unit_key), None)
    if column is None:
        names = ", ".join(c.name for c in columns)
        report.error(
            at, "C307", f"unitKey is {table.unit_key}, which {table.name} does not have; columns: {names}"
        )
    elif column.column_class is None:
        report.error(
            at,
            "C308",
            f"unitKey {label} has no valid privacy block; give it class: identifier and a transform",
        )
    elif not column.lands or column.transform is None or column.transform.kind != "hmac":
        report.error(
            at, "C308", f"unitKey {label} must land with transform hmac; that is how units are told apart"
        )
    rows = table.privacy.at("contribution", "maxRows")
    if table.privacy.at("unitRole").value == "root" and rows.whole() not in (None, 1):
        report.error(rows, "C309", f"{table.name} has unitRole: root, so maxRows is 1, not {rows.value}")


def _check_path(table: TableOutline, path: Node, outline: Outline, report: Report) -> None:
    steps = [tuple(step.split(".")) for step in path.texts()]
    text = " -> ".join(path.texts())
    keys = {
        ((t.name, k.column), (k.target_table, k.target_column))
        for t in outline.tables.values()
        for k in t.foreign_keys
    }
    if len(steps) < _SHORTEST_PATH or len(steps) % 2 == 0 or steps[0][0] != table.name:
        report.error(
            path,
            "C310",
            f"unitPath of {table.name} is {text}; write its own key, the key it meets, and on to the unit",
        )
        return
    for here, there, onward in zip(steps[::2], steps[1::2], steps[2::2], strict=False):
        target = outline.column(*there)
        if (here, there) not in keys:
            report.error(
                path, "C311", f"unitPath: {'.'.join(here)} is no foreign key to {'.'.join(there)}; declare it"
            )
        elif target is None or not target.node.at("primaryKey").flag():
            report.error(
                path, "C312", f"unitPath: {'.'.join(there)} must be a primaryKey, so that a row has one unit"
            )
        if there[0] != onward[0]:
            report.error(path, "C310", f"unitPath: from {'.'.join(there)} go on with a column of {there[0]}")
    last = outline.tables.get(steps[-1][0])
    if last is None or last.is_public or last.unit_key != steps[-1][1]:
        report.error(
            path, "C313", f"unitPath ends at {'.'.join(steps[-1])}, which is no unitKey; end it at one"
        )


def _check_contribution(table: TableOutline, columns: tuple[Column, ...], report: Report) -> None:
    node = table.privacy.at("contribution")
    by_name = {column.name: column for column in columns}
    _check_auto(table, report)
    for key in ("maxDistinct", "perGroup", "clip"):
        for name, child in node.at(key).items():
            if name == "rows" and key != "maxDistinct":
                continue
            column = by_name.get(name)
            needed = {"count_distinct"} if key == "maxDistinct" else {*SUMS, "count_distinct"}
            if column is None:
                report.error(
                    child,
                    "C321",
                    f"{key} of {table.name} names {name}, which is no column; columns: " + ", ".join(by_name),
                )
            elif column.column_class is not None and not column.aggregates & needed:
                allowed = ", ".join(sorted(needed))
                report.error(
                    child,
                    "C322",
                    f"{key} of {table.name}: {name} has none of the aggregates {allowed}; add one",
                )


def _refuse_auto(node: Node, label: str, report: Report) -> None:
    if node.value == "auto":
        others = "clip, maxGroups, maxDistinct and joinRows can be auto"
        report.error(node, "C323", f"{label} cannot be auto; give a number ({others})")


def _check_auto(table: TableOutline, report: Report) -> None:
    """Report bounds that cannot be found, and those whose search nothing declared ends."""
    node, name = table.privacy.at("contribution"), table.name
    _refuse_auto(node.at("maxRows"), f"{name}: maxRows", report)
    for key, child in node.at("perGroup").items():
        _refuse_auto(child, f"{name}: perGroup.{key}", report)
    for key in ("maxGroups", "joinRows"):
        _check_end(node.at(key), f"{name}: {key}", table, report)
    for key, child in node.at("maxDistinct").items():
        _check_end(child, f"{name}: maxDistinct.{key}", table, report)


def _check_end(node: Node, label: str, table: TableOutline, report: Report) -> None:
    """Report a bound that is to be found although nothing declared ends the search for it."""
    if node.value == "auto" and not table.privacy.at("contribution", "maxRows").is_given:
        report.error(node, "C324", f"{label}: auto needs an end for its search; add maxRows")


def _whole_or_auto(node: Node) -> int | AutoBound | None:
    return AutoBound() if node.value == "auto" else node.whole()


def _contribution(node: Node) -> Contribution:
    clip = node.at("clip")
    return Contribution(
        max_rows=node.at("maxRows").whole(),
        max_groups=_whole_or_auto(node.at("maxGroups")),
        max_distinct={
            key: most for key, child in node.at("maxDistinct").items() if (most := _whole_or_auto(child))
        },
        per_group={key: limit for key, child in node.at("perGroup").items() if (limit := child.number())},
        clip={"*": AutoBound()} if clip.value == "auto" else _clips(clip),
        join_rows=_whole_or_auto(node.at("joinRows")),
    )


def _clips(clip: Node) -> Mapping[str, Fraction | AutoBound]:
    found: dict[str, Fraction | AutoBound] = {}
    for key, child in clip.items():
        if child.value == "auto":
            found[key] = AutoBound()
        elif (upper := child.number()) is not None:
            found[key] = upper
    return found


def _check_foreign_keys(table: TableOutline, outline: Outline, report: Report) -> None:
    for key in table.foreign_keys:
        source, target = (
            outline.column(table.name, key.column),
            outline.column(key.target_table, key.target_column),
        )
        if source is None:
            continue
        to = f"{key.target_table}.{key.target_column}"
        if target is None:
            report.error(
                source.node.at("relationships"),
                "C331",
                f"{source.label} refers to {to}, which does not exist",
            )
            continue
        if table.is_public and not outline.tables[key.target_table].is_public:
            report.error(
                source.node,
                "C332",
                f"public {source.label} refers to private {to}; a public table holds no person",
            )
        if source.source_type != target.source_type:
            report.error(
                source.node,
                "C333",
                f"{source.label} is {source.source_type}, its target {to} is {target.source_type}",
            )
        is_identifier = target.privacy.at("class").value == "identifier"
        if is_identifier and source.privacy.is_given and source.privacy.at("class").value != "identifier":
            report.error(
                source.privacy.at("class"),
                "C334",
                f"{source.label} refers to the identifier {to}; its class is identifier",
            )


def _check_one_pseudonym(outline: Outline, report: Report) -> None:
    """Refuse unit columns under different keys: one person would look like two."""
    first: tuple[str, object] | None = None
    for table, name in sorted(outline.unit_columns):
        column = outline.column(table, name)
        if column is None or not column.privacy.is_given:
            continue
        transform = effective_transform(column, outline, Report())
        if transform is None or transform.kind != "hmac":
            continue
        if first is not None and transform != first[1]:
            report.error(
                column.privacy.at("transform"),
                "C335",
                f"{column.label} and {first[0]} carry the unit under different keys; use one key and context",
            )
        first = first or (column.label, transform)
    if first is not None:
        _refuse_hidden_units(outline, *first, report)


def _refuse_hidden_units(outline: Outline, label: str, transform: object, report: Report) -> None:
    """Refuse a column that holds the unit's own pseudonym and is not declared as the unit."""
    for table in outline.tables.values():
        for column in table.columns:
            if (table.name, column.name) in outline.unit_columns or not column.lands:
                continue
            if effective_transform(column, outline, Report()) == transform:
                words = f"{column.label} has the unit's own key and context, as {label} has"
                report.error(
                    column.privacy, "C336", f"{words}; declare the foreign key, or use another context"
                )
