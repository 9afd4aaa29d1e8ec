"""A house's settings: jali.toml, then JALI_... variables of the environment. Secrets live in neither.

A setting KEY of the file is JALI_KEY in the environment; one inside a table is JALI_TABLE__KEY, such as
JALI_PLUGINS__TRUST=central,mpc, JALI_USERS__ANA__ROLES=analyst or JALI_SOURCES__PRODUCTS__URI=products.csv.
Lists are separated by commas. Names after JALI_ that are no setting are left alone: other parts own them.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import cast

from jali.model.codes import Usage
from jali.policy.findings import Finding, Report, has_errors, refusal
from jali.policy.source import MAX_BYTES, Document, Node, Path_, Tree
from jali.policy.validate import conforms

FILE = "jali.toml"
_PATHS = {
    "contracts": "contracts",
    "populations": "populations",
    "charter": "charter.yaml",
    "store": "store",
    "vault": "vault",
    "ledger": "ledger.db",
    "audit": "audit",
    "consent": "consent/feed.json",
}
_PLUGINS: dict[str, frozenset[str]] = {
    "engines": frozenset({"duckdb"}),
    "trust": frozenset({"central"}),
    "ledgers": frozenset({"sqlite"}),
    "sources": frozenset({"files"}),
    "mechanisms": frozenset(),
    "identity": frozenset(),
}
_PASSWORD = re.compile(r"://[^/@\s]*:[^/@\s]+@")
_HEADER = re.compile(r"\[([^\[\]]+)\]")
_KEY = re.compile(r"""([A-Za-z0-9_"'.-]+)\s*=""")
_ENVIRONMENT = re.compile(
    r"JALI_(USERS__(?P<user>\w+?)__ROLES|SOURCES__(?P<table>\w+?)__URI|PLUGINS__(?P<group>[A-Z]+))"
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Where everything of a house is, who its users are, and which plug-ins may be loaded.

    Attributes:
        folder: the house; every path is absolute or below it.
        ledger: path or URL as text.
        users: name -> roles.
        sources: table -> where its data comes from.
        plugins: group without "jali." -> allowed names.
    """

    folder: Path
    name: str
    contracts: Path
    populations: Path
    charter: Path
    store: Path
    vault: Path
    ledger: str
    audit: Path
    consent: Path
    users: Mapping[str, frozenset[str]]
    sources: Mapping[str, str]
    plugins: Mapping[str, frozenset[str]]


def read_settings(
    folder: Path, environment: Mapping[str, str] | None = None
) -> tuple[Settings | None, tuple[Finding, ...]]:
    """Return the settings of the house in `folder`, or None where they break a rule, and all findings."""
    document, findings = _read_toml(folder / FILE)
    if document is None:
        return None, findings
    report = Report()
    report.add(*findings)
    root = _with_environment(document, environment or {}).root
    is_sound = conforms(root, "settings", report)
    _refuse_secrets(root, report)
    settings = _settings(folder.absolute(), root) if is_sound else None
    return (None if has_errors(report.findings) else settings), report.findings


def load_settings(folder: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of the house in `folder`.

    Raises:
        Usage: if there is no house here.
        ContractInvalid: if the settings break a rule; all reasons at once.
    """
    if not (folder / FILE).is_file():
        raise Usage(f"there is no house in {folder}", hint=f"make one with: jali init {folder}")
    settings, findings = read_settings(folder, environment)
    if settings is None:
        raise refusal(findings)
    return settings


def _read_toml(path: Path) -> tuple[Document | None, tuple[Finding, ...]]:
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            return None, (Finding(str(path), 1, "T103", "the file is larger than 4 MiB"),)
        text = raw.decode("utf-8")
        tree = _tree(tomllib.loads(text))
    except OSError:
        return None, (Finding(str(path), 1, "T101", "the file cannot be read; make a house with: jali init"),)
    except UnicodeDecodeError:
        return None, (Finding(str(path), 1, "T102", "the file is not UTF-8 text; save it as UTF-8"),)
    except (ValueError, RecursionError) as error:
        line = re.search(r"line (\d+)", str(error))
        words = str(error).split(" (at ")[0]
        return None, (Finding(str(path), int(line.group(1)) if line else 1, "T102", f"not TOML: {words}"),)
    return Document(path, tree, _lines(text)), ()


def _tree(value: object) -> Tree:
    match value:
        case dict():
            return {str(key): _tree(child) for key, child in cast("Mapping[object, object]", value).items()}
        case list():
            return [_tree(child) for child in cast("list[object]", value)]
        case bool() | int() | str():
            return value
        case float():
            return Decimal(repr(value))  # no setting is one: the schema says what is allowed
        case _:
            return str(value)  # a date or time: text, as in YAML


def _lines(text: str) -> dict[Path_, int]:
    """Return the line of each key by a plain scan; good enough to point at, never used to read values."""
    lines: dict[Path_, int] = {(): 1}
    table: Path_ = ()
    for number, line in enumerate(text.splitlines(), 1):
        if (header := _HEADER.match(line.strip())) is not None:
            table = _keys(header.group(1))
            lines.setdefault(table, number)
        elif (key := _KEY.match(line.strip())) is not None:
            lines.setdefault((*table, *_keys(key.group(1))), number)
    return lines


def _keys(dotted: str) -> Path_:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _with_environment(document: Document, environment: Mapping[str, str]) -> Document:
    tree = document.tree if isinstance(document.tree, dict) else {}
    for key in ("name", *_PATHS):
        if (value := environment.get(f"JALI_{key.upper()}")) is not None:
            tree[key] = value
    for name, value in sorted(environment.items()):
        if (form := _ENVIRONMENT.fullmatch(name)) is None:
            continue
        items: Tree = [part.strip() for part in value.split(",") if part.strip()]
        user, table, group = (part.lower() if part else None for part in form.group("user", "table", "group"))
        if user is not None:
            _put(tree, ("users", user, "roles"), items)
        elif table is not None:
            _put(tree, ("sources", table, "uri"), value)
        elif group is not None:
            _put(tree, ("plugins", group), items)
    return Document(document.path, tree, document.lines)


def _put(tree: dict[str, Tree], path: tuple[str, ...], value: Tree) -> None:
    here = tree
    for key in path[:-1]:
        inner = here.get(key)
        if not isinstance(inner, dict):
            inner = {}
            here[key] = inner
        here = inner
    here[path[-1]] = value


def _refuse_secrets(node: Node, report: Report) -> None:
    for key, child in node.items():
        if _PASSWORD.search(child.text()):
            report.error(child, "T104", f"{key} holds a password; keep secrets in a file or the environment")
        _refuse_secrets(child, report)


def _settings(folder: Path, root: Node) -> Settings:
    places = {key: root.at(key).text(default) for key, default in _PATHS.items()}
    ledger = places["ledger"]
    return Settings(
        folder=folder,
        name=root.at("name").text(),
        contracts=folder / places["contracts"],
        populations=folder / places["populations"],
        charter=folder / places["charter"],
        store=folder / places["store"],
        vault=folder / places["vault"],
        ledger=ledger if "://" in ledger else str(folder / ledger),
        audit=folder / places["audit"],
        consent=folder / places["consent"],
        users={name: frozenset(user.at("roles").texts()) for name, user in root.at("users").items()},
        sources={table: source.at("uri").text() for table, source in root.at("sources").items()},
        plugins={
            group: frozenset(node.texts()) if (node := root.at("plugins", group)).is_given else default
            for group, default in _PLUGINS.items()
        },
    )


def write_default(
    folder: Path,
    name: str,
    users: Mapping[str, tuple[str, ...]] | None = None,
    sources: Mapping[str, str] | None = None,
) -> Path:
    """Write a jali.toml with the default settings into `folder` and return its path; never overwrites one.

    Raises:
        Usage: if the folder already holds a jali.toml, or cannot be written.
    """
    lines = [
        "# Settings of this house. Secrets never stand here. Every setting can come from JALI_... instead."
    ]
    lines += [f"name = {_quoted(name)}"]
    lines += [f"{key} = {_quoted(default)}" for key, default in _PATHS.items()]
    lines += ["", "[plugins]"]
    lines += [f"{group} = {_quoted(sorted(names))}" for group, names in _PLUGINS.items() if names]
    for user, roles in (users or {}).items():
        lines += ["", f"[users.{user}]", f"roles = {_quoted(list(roles))}"]
    for table, uri in (sources or {}).items():
        lines += ["", f"[sources.{table}]", f"uri = {_quoted(uri)}"]
    path = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as stream:
            stream.write("\n".join(lines) + "\n")
    except FileExistsError as error:
        raise Usage(f"{path} is already there", hint="edit it, or choose another folder") from error
    except OSError as error:
        raise Usage(f"{path} cannot be written", hint="check the folder and its permissions") from error
    return path


def _quoted(value: object) -> str:
    """Return a text or list of texts as TOML, which agrees with JSON without escaped surrogates."""
    return json.dumps(value, ensure_ascii=False)
