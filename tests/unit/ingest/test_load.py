import dataclasses
import datetime as dt
import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pyarrow as pa
import pytest

from jali.ingest.report import Limits
from jali.keys.vault import Vault, pseudonym
from jali.model.codes import IngestFailed, NoData, VaultFailed
from jali.model.schema import ForeignKey, Transform
from jali.model.types import Kind, Type
from jali.store.snapshot import current

QUARTER = Type(Kind.NUMBER, Fraction(1, 4))


def contents(root: Path) -> bytes:
    return b"".join(str(p).encode() + (p.read_bytes() if p.is_file() else b"") for p in root.rglob("*"))


def test_rows_come_out_clustered_ranked_and_pseudonymised(house: Any, table: Any, column: Any) -> None:
    visits = table("visits", [column("who", "integer", key="person"), column("cost", "number")], unit="who")
    report = house.load(
        visits, house.parquet({"who": [7, 8, 7, 9, 7], "cost": [1.0, 2.0, 12.34, 3.0, 0.125]})
    )
    assert (report.rows_read, report.rows_stored, report.quarantined, report.version) == (5, 5, {}, 1)
    rows = house.stored("visits", "_unit, _rank, cost")
    assert [r[0] for r in rows] == sorted(r[0] for r in rows)
    by_unit = {unit: [r[1] for r in rows if r[0] == unit] for unit, *_ in rows}
    assert sorted(by_unit.values()) == [[1], [1], [1, 2, 3]]
    assert sorted(r[2] for r in rows) == [12, 100, 200, 300, 1234]
    units = dict(duckdb.sql(f"SELECT pseudonym, _unit FROM '{house.store}/units/v000001.parquet'").fetchall())
    seven = pseudonym(house.vault.pseudonym_key("person"), "person", b"7")
    assert len(by_unit[units[seven]]) == 3
    assert current(house.store).table("visits").columns == ("cost",)


def test_types_of_the_stored_files_are_those_of_the_format(house: Any, table: Any, column: Any) -> None:
    columns = [
        column("who", "string", key="person"),
        column("b", "string", key="basket"),
        column("t", "string"),
    ]
    columns += [column("d", "date"), column("s", "timestamp"), column("f", "boolean"), column("n", "integer")]
    uri = house.text("who,b,t,d,s,f,n\nann,1,x,2020-01-05,2020-01-05 10:11:12,true,5\n")
    house.load(table("t", columns, unit="who"), uri)
    [types] = house.stored(
        "t", "typeof(_unit),typeof(_rank),typeof(b),typeof(t),typeof(d),typeof(s),typeof(f),typeof(n)"
    )
    assert types == ("UINTEGER", "UINTEGER", "UUID", "VARCHAR", "DATE", "TIMESTAMP", "BOOLEAN", "BIGINT")


def test_numbers_of_units_never_change_and_are_shared(house: Any, table: Any, column: Any) -> None:
    one = table("one", [column("who", "integer", key="person"), column("x", "integer")], unit="who")
    two = table("two", [column("person", "string", key="person"), column("y", "integer")], unit="person")
    house.load(one, house.parquet({"who": [5, 3], "x": [50, 30]}))
    before = dict(house.stored("one", "x, _unit"))
    first_units = current(house.store).units_file
    house.load(two, house.parquet({"person": ["3", "4", "1"], "y": [30, 40, 10]}))
    assert dict(house.stored("one", "x, _unit")) == before
    two_units = dict(house.stored("two", "y, _unit"))
    assert two_units[30] == before[30]
    assert len({*before.values(), *two_units.values()}) == 4
    assert current(house.store).units_file != first_units
    house.load(one, house.parquet({"who": [3], "x": [30]}))
    assert dict(house.stored("one", "x, _unit")) == {30: before[30]}
    assert current(house.store).units_file == "units/v000002.parquet"


def test_what_cannot_land_is_quarantined_with_a_reason_and_nothing_vanishes(
    house: Any, table: Any, column: Any
) -> None:
    columns = [
        column("who", "integer", key="person"),
        column("n", "integer"),
        column("a", "number", required=True),
    ]
    columns += [column("d", "date"), column("b", "boolean")]
    text = """\
who,n,a,d,b
1,1,1.005,2020-01-01,true
,1,1,2020-01-01,true
CANARY-7,1,1,2020-01-01,true
2,1.5,1,2020-01-01,true
2,x,1,2020-01-01,true
2,99999999999999999999,1,2020-01-01,true
2,1,,2020-01-01,true
2,1,nan,2020-01-01,true
2,1,1,2020-13-01,true
2,1,1,2020-01-01 10:00:00,true
2,1,1,infinity,true
2,1,1,2020-01-01,maybe
2,nan,1e0,,
"""
    report = house.load(table("t", columns, unit="who"), house.text(text))
    assert report.quarantined == {
        "no_unit": 1, "lossy:who": 1, "lossy:n": 1, "not_a_number:n": 1, "out_of_range:n": 1, "required:a": 2,
        "unreadable:d": 2, "lossy:d": 1, "unreadable:b": 1,
    }  # fmt: skip
    assert (report.rows_read, report.rows_stored, report.rows_quarantined) == (13, 2, 11)
    stored = sorted(house.stored("t", "n, a, d, b"), key=str)
    assert stored == [(1, 100, dt.date(2020, 1, 1), True), (None, 100, None, None)]
    positions = [position for position, _ in house.quarantine("t", report.load_id)]
    assert positions == list(range(1, 12))
    assert b"CANARY" not in contents(house.store)


def test_not_a_number_and_infinity_become_null(house: Any, table: Any, column: Any) -> None:
    columns = [column("who", "integer", key="p"), column("x", "number"), column("n", "integer")]
    bad = [float("nan"), float("inf"), -float("inf"), None]
    house.load(table("t", columns, unit="who"), house.parquet({"who": [1] * 4, "x": bad, "n": bad}))
    assert house.stored("t", "x, n") == [(None, None)] * 4


def test_every_transform(house: Any, table: Any, column: Any) -> None:
    born = Transform("bin", {"to": "year", "width": 5, "from": 1920, "until": 2026})
    stay = Transform("bin", {"width": "0.5", "from": 0, "until": 9})
    general = house.text("from,to\nLondon,UK\nOslo,NO\n", "map.csv")
    columns = [
        column("who", "integer", key="p"),
        column("ts", "timestamp", transform=Transform("truncate", {"to": "hour"})),
        column("day", "date", transform=Transform("truncate", {"to": "month"})),
        column("born", "date", type_=Type(Kind.NUMBER), transform=born),
        column("age", "integer", transform=Transform("bin", {"width": 10, "from": 18, "until": 90})),
        column("los", "number", type_=QUARTER, transform=stay),
        column("post", "string", transform=Transform("prefix", {"length": 3})),
        column("city", "string", transform=Transform("generalise", {"map": general})),
        column("name", "string", transform=Transform("mask", {})),
        column("phone", "string", transform=Transform("mask", {"keep": 2})),
        column("notes", "string", lands=False),
    ]  # fmt: skip
    t = dt.datetime(2020, 5, 17, 13, 59)  # noqa: DTZ001  # sources have no zone
    data = {
        "who": [1], "ts": [t], "day": [t.date()], "born": [dt.date(1917, 3, 1)], "age": [27], "los": [1.99],
        "post": ["ÅBCD"], "city": ["Oslo"], "name": ["CANARY"], "phone": ["12345"], "notes": ["CANARY"],
    }  # fmt: skip
    report = house.load(table("t", columns, unit="who"), house.parquet(data))
    assert house.stored("t", "* EXCLUDE (_unit, _rank)") == [
        (t.replace(minute=0), dt.date(2020, 5, 1), 1915, 18, 6, "ÅBC", "NO", "***", "12***")
    ]
    assert report.dropped == ("notes",)
    assert b"CANARY" not in contents(house.store)
    data |= {"city": ["Rome"], "age": [-3], "los": [2.0], "notes": ["x"]}
    house.load(table("t", columns, unit="who"), house.parquet(data))
    assert house.stored("t", "city, age, los") == [("(other)", -12, 8)]  # [-12, -2) is three bins below 18


@pytest.mark.parametrize("kind", ["ff1", "token_vault", "local", "surprise", "null"])
def test_an_unknown_transform_stops_the_load(house: Any, table: Any, column: Any, kind: str) -> None:
    columns = [column("who", "integer", key="p"), column("x", "string", transform=Transform(kind, {}))]
    with pytest.raises(IngestFailed, match=kind):
        house.load(table("t", columns, unit="who"), house.parquet({"who": [1], "x": ["a"]}))


def test_an_identifier_without_pseudonym_never_lands(house: Any, table: Any, column: Any) -> None:
    raw = dataclasses.replace(column("basket", "integer", key="b"), transform=None)
    with pytest.raises(IngestFailed, match="identifier basket"):
        house.load(
            table("t", [column("who", "integer", key="p"), raw], unit="who"),
            house.parquet({"who": [1], "basket": [2]}),
        )


def test_undeclared_columns_do_not_land_and_are_listed(house: Any, table: Any, column: Any) -> None:
    t = table("t", [column("who", "integer", key="p"), column("x", "integer")], unit="who")
    report = house.load(t, house.parquet({"who": [1], "x": [1], "secret": ["CANARY"]}))
    assert report.undeclared == ("secret",)
    assert b"CANARY" not in contents(house.store)


def test_missing_and_drifting_columns_stop_the_load(house: Any, table: Any, column: Any) -> None:
    t = table(
        "t",
        [column("who", "integer", key="p"), column("x", "integer"), column("y", "string", lands=False)],
        unit="who",
    )
    with pytest.raises(IngestFailed, match="no column x"):
        house.load(t, house.parquet({"who": [1]}))
    assert current(house.store).version == 0
    house.load(t, house.parquet({"who": [1], "x": [1]}))
    with pytest.raises(IngestFailed, match=r"changed since .*: new"):
        house.load(t, house.parquet({"who": [1], "x": [1], "new": [1]}))
    with pytest.raises(IngestFailed, match=r"changed since .*: x"):
        house.load(t, house.parquet({"who": [1], "x": ["1"]}))
    assert current(house.store).version == 1
    house.load(t, house.parquet({"who": [1], "x": [1], "new": [1]}), digest="d2")
    with pytest.raises(IngestFailed, match="changed since"):
        house.load(t, house.parquet({"who": [1], "x": [1]}), digest="d2")


def test_a_unit_path_is_resolved_through_the_stored_parent(house: Any, table: Any, column: Any) -> None:
    stays = table(
        "stays",
        [column("stay_id", "string", key="stay"), column("patient", "string", key="patient")],
        unit="patient",
    )
    inherits = dataclasses.replace(column("stay_id", "string", key="stay"), transform=None)
    drugs = table(
        "drugs", [inherits, column("atc", "string")],
        path=("drugs.stay_id", "stays.stay_id", "stays.patient"),
        keys=(ForeignKey("stay_id", "stays", "stay_id"),),
    )  # fmt: skip
    uri = house.parquet({"stay_id": [" s1", "s2", "s9", None, "s3", "s1"], "atc": list("abcdef")}, "drugs")
    with pytest.raises(NoData):
        house.load(drugs, uri, [stays])
    house.load(
        stays, house.parquet({"stay_id": ["s1", "s2", "s3", "s3"], "patient": ["p1", "p2", "p1", "p2"]})
    )
    report = house.load(drugs, uri, [stays])
    assert report.quarantined == {"no_unit": 1, "orphan": 1}
    assert (report.rows_read, report.rows_stored, report.rows_copied) == (6, 5, 1)
    keys = set(house.stored("stays", "stay_id, _unit"))
    drugs = house.stored("drugs", "stay_id, _unit, atc")
    assert {(stay, unit) for stay, unit, _ in drugs} == keys
    assert [atc for *_, atc in drugs].count("e") == 2, "a shared parent's row lands once for each unit"
    assert all(isinstance(stay, UUID) for stay, _ in keys)
    assert [r[2] for r in house.stored("drugs", "_unit, _rank, atc")] != []
    assert {r[1] for r in house.quarantine("drugs", report.load_id)} == {"no_unit", "orphan"}


def test_public_tables_keep_their_order_and_list_their_values(house: Any, table: Any, column: Any) -> None:
    t = table(
        "Areas", [column("Area", "string"), column("since", "date"), column("size", "number")], is_public=True
    )
    day = dt.date(2020, 1, 5)
    house.load(
        t, house.parquet({"Area": ["z", "å", None, "z"], "since": [day] * 4, "size": [2.5, 0.1, 2.5, None]})
    )
    assert house.stored("Areas") == [
        (0, "z", day, 250),
        (1, "å", day, 10),
        (2, None, day, 250),
        (3, "z", day, None),
    ]
    snapshot = current(house.store)
    assert snapshot.public_values("areas", "AREA") == ("z", "å")
    assert snapshot.public_values("areas", "size") == (10, 250)
    assert snapshot.public_values("areas", "since") == ("2020-01-05",)
    assert snapshot.units_file == ""


def test_no_raw_identifier_stays_anywhere(house: Any, table: Any, column: Any) -> None:
    columns = [column("who", "string", key="p"), column("card", "string", key="c"), column("x", "integer")]
    names = [f"CANARY-PERSON-{i:05d}" for i in range(3000)]
    data = {"who": names, "card": [f"CANARY-CARD-{i}" for i in range(3000)], "x": ["1"] * 2999 + ["CANARY"]}
    report = house.load(table("t", columns, unit="who"), house.parquet(data))
    assert report.rows_quarantined == 1
    assert b"CANARY" not in contents(house.store)
    assert not (house.store / "staging").exists()
    decoded = duckdb.sql(f"SELECT * FROM read_parquet('{house.store}/tables/t/*/*.parquet')").fetchall()
    decoded += duckdb.sql(f"SELECT * FROM read_parquet('{house.store}/quarantine/t/*.parquet')").fetchall()
    assert "CANARY" not in repr(decoded)


def test_files_split_between_units_only(house: Any, table: Any, column: Any) -> None:
    t = table("t", [column("who", "integer", key="p"), column("x", "integer")], unit="who")
    uri = house.parquet({"who": [i % 50 for i in range(5000)], "x": list(range(5000))})
    house.load(t, uri, limits=Limits(rows_per_file=1000))
    folder = house.store / current(house.store).table("t").folder
    bounds = "SELECT min(_unit), max(_unit), count(*) FROM"
    spans = [duckdb.sql(f"{bounds} '{file}'").fetchall()[0] for file in sorted(folder.iterdir())]
    assert [s[2] for s in spans] == [1000] * 5
    assert all(a[1] < b[0] for a, b in pairwise(spans))
    assert house.stored("t", "_unit, _rank") == [(u, r) for u in range(1, 51) for r in range(1, 101)]


def test_a_table_without_rows_is_a_table(house: Any, table: Any, column: Any) -> None:
    t = table("t", [column("who", "integer", key="p"), column("x", "integer")], unit="who")
    uri = house.parquet({"who": pa.array([], pa.int64()), "x": pa.array([], pa.int64())})
    report = house.load(t, uri)
    assert (report.rows_read, report.rows_stored) == (0, 0)
    assert house.stored("t") == []


def test_only_the_unit_lands(house: Any, table: Any, column: Any) -> None:
    house.load(table("t", [column("who", "integer", key="p")], unit="who"), house.parquet({"who": [3, 3, 4]}))
    assert sorted(r[1] for r in house.stored("t")) == [1, 1, 2]


def test_another_vault_is_refused(house: Any, table: Any, column: Any, tmp_path: Path) -> None:
    t = table("t", [column("who", "integer", key="p")], unit="who")
    uri = house.parquet({"who": [3]})
    house.load(t, uri)
    house.vault = Vault.create(tmp_path / "other")
    with pytest.raises(VaultFailed):
        house.load(t, uri)
    assert current(house.store).version == 1


def test_progress_names_stages_and_ends_complete(house: Any, table: Any, column: Any) -> None:
    seen: list[tuple[str, int, int]] = []
    t = table("t", [column("who", "integer", key="p"), column("x", "number")], unit="who")
    house.load(t, house.parquet({"who": [3, 4], "x": [0.5, 0.005]}), progress=lambda *s: seen.append(s))
    assert list(dict.fromkeys(s[0] for s in seen)) == ["read", "pseudonyms", "check", "write", "publish"]
    last = {stage: (done, total) for stage, done, total in seen}
    assert all(done == total for done, total in last.values())


def test_the_manifest_holds_no_counts(house: Any, table: Any, column: Any) -> None:
    t = table("t", [column("who", "integer", key="p")], unit="who")
    house.load(t, house.parquet({"who": list(range(4321))}))
    manifest = json.loads((house.store / "v000001/manifest.json").read_text())
    assert "4321" not in json.dumps(manifest)
    assert set(manifest) == {"version", "units_file", "tables", "notes"}


def test_a_child_is_not_loaded_over_a_parent_that_follows_other_rules(
    house: Any, table: Any, column: Any
) -> None:
    """The child's units are read off the parent's files: they must be those of the active contract."""
    stay, patient = column("stay_id", "string", key="stay"), column("patient", "string", key="patient")
    nurse = column("nurse", "string", key="nurse")
    stays = table("stays", [stay, patient, nurse], unit="patient")
    drugs = table(
        "drugs", [dataclasses.replace(stay, transform=None), column("atc", "string")],
        path=("drugs.stay_id", "stays.stay_id", "stays.patient"),
        keys=(ForeignKey("stay_id", "stays", "stay_id"),),
    )  # fmt: skip
    house.load(stays, house.parquet({"stay_id": ["1"], "patient": ["p"], "nurse": ["n"]}, "stays"))
    by_nurse = dataclasses.replace(stays, unit_column="nurse")
    with pytest.raises(IngestFailed, match="loaded under other rules") as caught:
        house.load(drugs, house.parquet({"stay_id": ["1"], "atc": ["a"]}, "drugs"), [by_nurse])
    assert "ingest --table stays" in caught.value.hint


def test_the_units_of_a_key_belong_to_one_population(house: Any, table: Any, column: Any) -> None:
    """Another table under the same key and a new population would give the same people a second lifetime budget."""
    patient = column("patient", "string", key="patient")
    source = house.parquet({"patient": ["p"]})
    with pytest.raises(IngestFailed):  # a load that fails binds nothing
        house.load(table("a", [patient, column("missing", "string")], unit="patient"), source, population="m")
    house.load(table("a", [patient], unit="patient"), source, population="p")
    with pytest.raises(IngestFailed, match="belong to the population p since"):
        house.load(table("b", [patient], unit="patient"), source, population="q")
    assert [t.name for t in current(house.store).tables] == ["a"]


@pytest.mark.parametrize(
    ("codes", "parts", "is_key"),
    [
        (["a", "b", None, None], ["x"] * 4, True),
        (["a", "a", "b", "b"], ["x", "y", "x", "y"], True),
        (["a", "a", "b", "c"], ["x", "x", "x", "x"], False),
        (["a", " a", "b", "c"], ["x", "x", "x", "x"], True),
    ],
)
def test_the_primary_key_of_a_public_table_is_unique(
    house: Any, table: Any, column: Any, codes: list[str | None], parts: list[str], is_key: Any
) -> None:
    """Otherwise each join with it could multiply a private row."""
    key = [dataclasses.replace(column(name, "string"), is_primary_key=True) for name in ("code", "part")]
    areas = table("areas", [*key, column("size", "number")], is_public=True)
    source = house.parquet({"code": codes, "part": parts, "size": [1, 2, 3, 4]})
    if is_key:
        assert house.load(areas, source).rows_stored == 4
    else:
        with pytest.raises(IngestFailed, match=r"1 values of \(code, part\)"):
            house.load(areas, source)
        assert current(house.store).version == 0


def test_a_text_too_long_to_work_on_does_not_land(house: Any, table: Any, column: Any) -> None:
    who, cut = column("who", "integer", key="person"), Transform("prefix", {"length": 10})
    notes = table(
        "notes", [who, column("note", "string"), dataclasses.replace(column("start", "string"), transform=cut)],
        unit="who",
    )  # fmt: skip
    texts = ["é" * 4096, "é" * 4097, None]
    report = house.load(notes, house.parquet({"who": [1, 2, 3], "note": texts, "start": ["x" * 9999] * 3}))
    assert report.quarantined == {"too_long:note": 1}
    assert {(n and len(n), len(s)) for n, s in house.stored("notes", "note, start")} == {
        (4096, 10),
        (None, 10),
    }  # in the order of pseudonyms, whose key differs from house to house
