"""What a kept release says about itself, so that later questions can be read off its noisy totals.

A source holds every public parameter of a release: its rows and conditions as canonical texts, its keys, how each
aggregate was bounded and with what noise. It is written when the answer is kept, from the plan that ran, so it never
depends on how a later version would plan. `read` gives it back; a release kept without one is served only to the
question it answered.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, cast

from jali.model.codes import LedgerFailed
from jali.model.schema import KeyValue
from jali.plan.choice import KeptBound
from jali.plan.exact import (
    AnyGroup,
    AutoClip,
    Bound,
    CellClamp,
    FixedClip,
    Group,
    Key,
    SharedDistinct,
    Statistic,
    StatisticKind,
    Tree,
)
from jali.plan.noise import Noise, Selection
from jali.plan.private import Measured, PrivatePlan
from jali.sql import show
from jali.sql.tree import Call, Expr, Literal, Rows
from jali.sql.typed import null

FORMAT: Final = 2
Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class SourceKey:
    """A grouping key: its expression as canonical text, and its declared values; None where they were found."""

    expression: str
    values: tuple[KeyValue, ...] | None
    has_other: bool
    has_null: bool

    @property
    def size(self) -> int:
        """Return the number of declared keys, (other) and (null) included."""
        return 0 if self.values is None else len(self.values) + self.has_other + self.has_null

    @property
    def other(self) -> int | None:
        """Return the code of `(other)`, if there is one."""
        return len(self.values or ()) if self.has_other else None

    def value(self, code: int) -> KeyValue:
        """Return the declared value of a code; None for `(null)`."""
        values = self.values or ()
        return values[code] if code < len(values) else None


@dataclass(frozen=True, slots=True)
class SourceMeasured:
    """One aggregate as canonical text, and how it is read off the totals."""

    aggregate: str
    kind: str
    has_filter: bool
    noise: Noise
    center: int
    moments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Everything public about a kept release."""

    where: tuple[str, ...]
    keys: tuple[SourceKey, ...]
    row_cap: int | None
    max_keys: int | None
    measured: tuple[SourceMeasured, ...]
    selection: Selection | None

    @property
    def noises(self) -> tuple[Noise, ...]:
        """Return what was measured, each once, in order."""
        return tuple({m.noise.group.id: m.noise for m in self.measured}.values())


def family_text(rows: Rows) -> str:
    """Return the canonical text of rows before their own conditions; questions of one family may share releases."""
    return show.canonical_rows(replace(rows, where=()))


def conditions(rows: Rows) -> tuple[Expr, ...]:
    """Return the conditions of rows, each AND taken apart."""
    found: list[Expr] = []
    waiting = list(reversed(rows.where))
    while waiting:
        one = waiting.pop()
        if isinstance(one, Call) and one.function == "and":
            waiting.extend(reversed(one.args))
        else:
            found.append(one)
    return tuple(found)


def key_text(key: Key) -> SourceKey:
    """Return a planned key as it is kept and compared."""
    return SourceKey(show.canonical(key.expression), key.values, key.has_other, key.has_null)


def source_of(plan: PrivatePlan) -> dict[str, object]:
    """Return the description of a plan's release as JSON values."""
    exact = plan.exact
    return {
        "format": FORMAT,
        "where": [show.canonical(c) for c in conditions(exact.rows)],
        "keys": [
            {
                "expression": k.expression,
                "values": None if k.values is None else list(k.values),
                "other": k.has_other,
                "null": k.has_null,
            }
            for k in map(key_text, exact.keys)
        ],
        "row_cap": exact.row_cap,
        "max_keys": exact.max_keys,
        "groups": [_noise_json(noise) for noise in plan.noises],
        "measured": [
            {
                "aggregate": show.canonical_aggregate(m.aggregate),
                "kind": m.aggregate.kind,
                "filter": m.aggregate.where is not None,
                "group": m.noise.group.id,
                "center": m.center,
                "moments": list(m.moments),
            }
            for m in plan.measured
        ],
        "selection": None if plan.selection is None else _selection_json(plan.selection),
    }


def _selection_json(selection: Selection) -> dict[str, object]:
    return {
        "max_keys": selection.max_keys,
        "min_units": selection.min_units,
        "nano_rho": selection.nano_rho,
        "atto_delta": selection.atto_delta,
    }


def _noise_json(noise: Noise) -> dict[str, object]:
    group = noise.group
    shown: dict[str, object] = {
        "id": group.id,
        "mechanism": noise.mechanism,
        "nano_rho": noise.nano_rho,
        "choice_nano_rho": noise.choice_nano_rho,
        "nano_epsilon": noise.nano_epsilon,
        "choice_nano_epsilon": noise.choice_nano_epsilon,
        "combined": noise.is_combined,
        "kept": None if noise.kept is None else _kept_json(noise.kept),
        "elsewhere": noise.is_elsewhere,
        "max_keys": group.max_keys,
        "sampled": group.is_sampled,
    }
    if isinstance(group, SharedDistinct):
        return shown | {"per_key": group.per_key}
    return shown | {
        "statistics": [_statistic_json(s, w) for s, w in group.statistics],
        "bound": _bound_json(group.bound),
        "squared_l2": None if group.squared_l2 is None else str(group.squared_l2),
        "l1": None if group.l1 is None else str(group.l1),
        "root_bits": group.root_bits,
        "tree": None if group.tree is None else [group.tree.width, group.tree.depth],
    }


def _kept_json(kept: KeptBound) -> dict[str, object]:
    return {
        "release": kept.release_id,
        "value": str(kept.value),
        "nano_rho": kept.nano_rho,
        "where": list(kept.where),
    }


def _statistic_json(s: Statistic, weight: int) -> dict[str, object]:
    low, high = (None if x is None else str(x) for x in (s.low, s.high))
    return {
        "id": s.id,
        "kind": s.kind.value,
        "low": low,
        "high": high,
        "offset": str(s.offset),
        "step": str(s.step),
        "coarser": str(s.coarser),
        "weight": str(weight),
    }


def _bound_json(bound: Bound) -> dict[str, object]:
    match bound:
        case CellClamp(limits):
            return {"clamp": [[str(low), str(high)] for low, high in limits]}
        case FixedClip(squared):
            return {"clip": str(squared)}
        case AutoClip(norms, rank, steps, floor):
            return {"norms": [str(n) for n in norms], "rank": str(rank), "prior_steps": steps, "floor": floor}


def read(found: object) -> Source | None:
    """Return what `source_of` wrote; None where there is nothing, or a later version wrote it.

    Raises:
        LedgerFailed: if it is damaged.
    """
    if not isinstance(found, Mapping) or cast("Json", found).get("format") != FORMAT:
        return None
    one = cast("Json", found)
    try:
        noises = {str(g["id"]): _noise(g) for g in _list(one["groups"])}
        return Source(
            where=tuple(str(w) for w in cast("list[object]", one["where"])),
            keys=tuple(_key(k) for k in _list(one["keys"])),
            row_cap=_optional(one["row_cap"]),
            max_keys=_optional(one["max_keys"]),
            measured=tuple(_measured(m, noises) for m in _list(one["measured"])),
            selection=None if one["selection"] is None else _selection(cast("Json", one["selection"])),
        )
    except (KeyError, ValueError, TypeError, ZeroDivisionError) as error:
        raise LedgerFailed("a kept release is damaged", hint="run jali audit verify") from error


def _list(found: object) -> list[Json]:
    return cast("list[Json]", found)


def _optional(found: object) -> int | None:
    return None if found is None else _int(found)


def _int(found: object) -> int:
    return int(str(found))


def _key(found: Json) -> SourceKey:
    values = found["values"]
    listed = None if values is None else tuple(cast("list[KeyValue]", values))
    return SourceKey(str(found["expression"]), listed, bool(found["other"]), bool(found["null"]))


def _selection(found: Json) -> Selection:
    return Selection(
        *(_int(found[name]) for name in ("max_keys", "min_units", "nano_rho", "atto_delta")),
    )


def _measured(found: Json, noises: Mapping[str, Noise]) -> SourceMeasured:
    return SourceMeasured(
        aggregate=str(found["aggregate"]),
        kind=str(found["kind"]),
        has_filter=bool(found["filter"]),
        noise=noises[str(found["group"])],
        center=_int(found["center"]),
        moments=tuple(str(m) for m in cast("list[object]", found["moments"])),
    )


def _noise(found: Json) -> Noise:
    return Noise(
        group=_group(found),
        mechanism=str(found["mechanism"]),
        nano_rho=_int(found["nano_rho"]),
        choice_nano_rho=_int(found["choice_nano_rho"]),
        is_combined=bool(found["combined"]),
        nano_epsilon=_int(found.get("nano_epsilon", 0)),
        choice_nano_epsilon=_int(found.get("choice_nano_epsilon", 0)),
        kept=None if found.get("kept") is None else read_kept(cast("Json", found["kept"])),
        is_elsewhere=bool(found.get("elsewhere")),
    )


def read_kept(found: Json) -> KeptBound:
    """Return a kept bound from what a release recorded.

    Raises:
        KeyError, ValueError, TypeError: if it is damaged.
    """
    where = tuple(str(w) for w in cast("list[object]", found["where"]))
    return KeptBound(str(found["release"]), _int(found["value"]), _int(found["nano_rho"]), where)


_NOTHING: Final[Literal] = null()


def _group(found: Json) -> AnyGroup:
    """Return a group without its expressions: it is read, never run."""
    name, keys, sampled = str(found["id"]), _int(found["max_keys"]), bool(found["sampled"])
    if "per_key" in found:
        nothing: Expr = _NOTHING
        return SharedDistinct(name, nothing, None, _int(found["per_key"]), keys, sampled)
    tree = cast("list[int] | None", found["tree"])
    return Group(
        id=name,
        statistics=tuple(_statistic(s) for s in _list(found["statistics"])),
        bound=_bound(cast("Json", found["bound"])),
        max_keys=keys,
        is_sampled=sampled,
        squared_l2=_optional(found["squared_l2"]),
        l1=_optional(found["l1"]),
        root_bits=_int(found["root_bits"]),
        tree=None if tree is None else Tree(_int(tree[0]), _int(tree[1])),
    )


def _statistic(found: Json) -> tuple[Statistic, int]:
    one = Statistic(
        id=str(found["id"]),
        kind=StatisticKind(str(found["kind"])),
        arg=None,
        where=None,
        low=_optional(found["low"]),
        high=_optional(found["high"]),
        offset=_int(found["offset"]),
        step=Fraction(str(found["step"])),
        coarser=_int(found["coarser"]),
    )
    return one, _int(found["weight"])


def _bound(found: Json) -> Bound:
    if "clamp" in found:
        limits = cast("list[list[object]]", found["clamp"])
        return CellClamp(tuple((_int(low), _int(high)) for low, high in limits))
    if "clip" in found:
        return FixedClip(_int(found["clip"]))
    norms = tuple(_int(n) for n in cast("list[object]", found["norms"]))
    return AutoClip(norms, Fraction(str(found["rank"])), _int(found["prior_steps"]), _int(found["floor"]))


def as_measured(plan: PrivatePlan, source: Source) -> tuple[Measured, ...] | None:
    """Return each aggregate of a plan as the source measured it; None if the source lacks one."""
    by_text = {m.aggregate: m for m in source.measured}
    found: list[Measured] = []
    for one in plan.measured:
        kept = by_text.get(show.canonical_aggregate(one.aggregate))
        if kept is None:
            return None
        found.append(Measured(one.aggregate, kept.noise, kept.center, kept.moments))
    return tuple(found)
