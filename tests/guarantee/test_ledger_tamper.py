"""Whatever is done to a published log, the verifier says so; receipts hold offline, and only unchanged."""

import base64
import hashlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from jali.ledger import standalone_verifier
from jali.ledger.audit import AuditSettings, sign_checkpoint
from jali.ledger.merkle import leaf_hash
from jali.ledger.standalone_verifier import BrokenError, main, reader, roots, verify_log, verify_receipt
from jali.ledger.verify import export, verify
from jali.model.codes import AuditFailed, LedgerFailed
from jali.model.money import Basic, Cost
from jali.testing.throwaway_ledger import (
    POPULATION,
    answer,
    ask,
    audit_settings,
    facts,
    make,
    reopen,
    request,
)
from jali.testing.throwaway_ledger import key as release_key

pytestmark = pytest.mark.guarantee


@pytest.fixture
def house(tmp_path: Path) -> Path:
    with make(tmp_path) as ledger:
        for i in range(4):
            ask(ledger, i + 1)
        ledger.append_refusal(facts())
    return tmp_path


def key_of(house: Path) -> str:
    return audit_settings(house).verifier_key


def lines_of(house: Path) -> list[bytes]:
    return (house / "audit" / "entries.jsonl").read_bytes().split(b"\n")[:-1]


def write(house: Path, lines: list[bytes]) -> None:
    (house / "audit" / "entries.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))


def republish(house: Path, lines: list[bytes], settings: AuditSettings | None = None) -> None:
    """Do all that somebody with the signing key could do: new entries, new tiles, new signature."""
    write(house, lines)
    leaves = [leaf_hash(line) for line in lines]
    for tile in (house / "audit" / "tile").rglob("*"):
        if tile.is_file():
            tile.unlink()
    place = house / "audit" / "tile" / "0" / "000.p"
    place.mkdir(parents=True, exist_ok=True)
    (place / str(len(lines))).write_bytes(b"".join(leaves))
    note = sign_checkpoint(settings or audit_settings(house), len(lines), list(roots(leaves))[-1])
    (house / "audit" / "checkpoint").write_text(note)


def edited(line: bytes, **changes: object) -> bytes:
    return json.dumps(json.loads(line) | changes, sort_keys=True, separators=(",", ":")).encode()


def delete_entry(house: Path) -> None:
    lines = lines_of(house)
    write(house, lines[:3] + lines[4:])


def reorder(house: Path) -> None:
    lines = lines_of(house)
    write(house, [*lines[:2], lines[3], lines[2], *lines[4:]])


def truncate_tail(house: Path) -> None:
    write(house, lines_of(house)[:-2])


def edit(house: Path) -> None:
    lines = lines_of(house)
    lines[2] = edited(lines[2], purpose="marketing")
    write(house, lines)


def replay(house: Path) -> None:
    lines = lines_of(house)
    write(house, [*lines, lines[-1]])


def flip_bit(house: Path) -> None:
    place = house / "audit" / "entries.jsonl"
    raw = bytearray(place.read_bytes())
    raw[len(raw) // 2] ^= 1
    place.write_bytes(raw)


def inject_line(house: Path) -> None:
    lines = lines_of(house)
    lines[3] = lines[3].replace(b'"research"', b'"research"}\n{"type":"release"')
    write(house, lines)


def drop_last_newline(house: Path) -> None:
    place = house / "audit" / "entries.jsonl"
    place.write_bytes(place.read_bytes()[:-1])


def foreign_signature(house: Path) -> None:
    lines = lines_of(house)
    republish(house, lines, audit_settings(house, key=bytes(32)))


def foreign_origin(house: Path) -> None:
    republish(house, lines_of(house), audit_settings(house, origin="other.example/audit"))


def resized_checkpoint(house: Path) -> None:
    place = house / "audit" / "checkpoint"
    place.write_text(place.read_text().replace("\n10\n", "\n9\n"))


def empty_checkpoint(house: Path) -> None:
    (house / "audit" / "checkpoint").write_text("")


def damaged_tile(house: Path) -> None:
    (tile,) = (house / "audit" / "tile" / "0" / "000.p").glob("10")
    raw = bytearray(tile.read_bytes())
    raw[5] ^= 4
    tile.write_bytes(raw)


def missing_tile(house: Path) -> None:
    (house / "audit" / "tile" / "0" / "000.p" / "10").unlink()


OUTSIDER = [
    delete_entry,
    reorder,
    truncate_tail,
    edit,
    replay,
    flip_bit,
    inject_line,
    drop_last_newline,
    foreign_signature,
    foreign_origin,
    resized_checkpoint,
    empty_checkpoint,
    damaged_tile,
    missing_tile,
]


@pytest.mark.parametrize("tamper", OUTSIDER)
def test_tampering_without_the_key_is_found_from_the_files_alone(
    house: Path, tamper: Callable[[Path], None]
) -> None:
    assert verify(house / "audit", None, key_of(house)) == []
    tamper(house)
    assert verify(house / "audit", None, key_of(house)) != []
    assert verify(house / "audit", house / "ledger.db", key_of(house)) != []


def test_every_flipped_bit_of_an_entry_is_found(house: Path) -> None:
    place = house / "audit" / "entries.jsonl"
    whole = place.read_bytes()
    for at in range(0, len(whole), len(whole) // 40):
        place.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << at % 8)]) + whole[at + 1 :])
        found = verify_log(reader(house / "audit"), key_of(house), None)
        assert any(step.problems for step in found.steps)


def without(lines: list[bytes], *gone: int) -> list[bytes]:
    return [line for i, line in enumerate(lines) if i not in gone]


INSIDER: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "delete": lambda lines: without(lines, 3),
    "delete a charge": lambda lines: without(lines, 5),
    "reorder": lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]],
    "edit": lambda lines: [*lines[:2], edited(lines[2], purpose="marketing"), *lines[3:]],
    "replay": lambda lines: [*lines, lines[-1]],
    "renumbered replay": lambda lines: [*lines, edited(lines[-1], seq=10)],
    "time goes back": lambda lines: [*lines[:-1], edited(lines[-1], time="2001-01-01T00:00:00.000Z")],
    "other spelling": lambda lines: [*lines[:-1], lines[-1].replace(b":", b": ", 1)],
    "not JSON": lambda lines: [*lines[:-1], b"hello"],
    "too deep": lambda lines: [*lines[:-1], b"[" * 100_000],
    "lacks fields": lambda lines: [*lines[:-1], b'{"type":"charge"}'],
    "a list": lambda lines: [*lines[:-1], b"[]"],
}


@pytest.mark.parametrize("name", INSIDER)
def test_tampering_with_the_key_is_found_from_the_files_alone(house: Path, name: str) -> None:
    republish(house, lines_of(house))
    assert verify(house / "audit", None, key_of(house)) == []
    republish(house, INSIDER[name](lines_of(house)))
    assert verify(house / "audit", None, key_of(house)) != []


def chained(house: Path, lines: list[bytes]) -> list[bytes]:
    """Renumber and link entries again, as the owner of the key could."""
    made: list[bytes] = []
    for seq, line in enumerate(lines):
        root = base64.b64encode(list(roots([leaf_hash(x) for x in made]))[-1]).decode()
        body = f"{audit_settings(house).origin}\n{seq}\n{root}\n"
        made.append(edited(line, seq=seq, previous=hashlib.sha256(body.encode()).hexdigest()))
    return made


def costs(line: bytes, nano_rho: int) -> bytes:
    return edited(line, cost={"nano_rho": str(nano_rho), "atto_delta": "0"})


FORGED: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "a charge gone": lambda lines: without(lines, 3),
    "charge and release gone, later ones stay": lambda lines: without(lines, 1, 2),
    "activation gone": lambda lines: lines[1:],
    "cheaper charge": lambda lines: [*lines[:3], costs(lines[3], 1), *lines[4:]],
    "cheaper release": lambda lines: [*lines[:4], costs(lines[4], 1), *lines[5:]],
    "release twice": lambda lines: [*lines[:3], lines[2], *lines[3:]],
    "charge twice": lambda lines: [*lines, lines[1]],
    "account twice": lambda lines: [
        *lines[:-1],
        edited(lines[3], accounts=json.loads(lines[3])["accounts"][:1] * 2),
    ],
    "charge without fields": lambda lines: [*lines[:-1], edited(lines[-1], type="charge")],
    "unknown type": lambda lines: [*lines[:-1], edited(lines[-1], type="gift")],
    "negative cost": lambda lines: [*lines[:3], costs(lines[3], -1), *lines[4:]],
    "lower limit": lambda lines: [
        edited(lines[0], limits=[{"account": "lifetime", "limit": {"nano_rho": "2", "atto_delta": "0"}}]),
        *lines[1:],
    ],
}


@pytest.mark.parametrize("name", FORGED)
def test_a_whole_forged_history_that_does_not_add_up_is_found(house: Path, name: str) -> None:
    republish(house, chained(house, lines_of(house)))
    assert verify(house / "audit", None, key_of(house)) == []
    republish(house, chained(house, FORGED[name](lines_of(house))))
    assert verify(house / "audit", None, key_of(house)) != []


LIMIT = Cost(10, 10, Basic(10, 5))
PRICES = (Cost(30, 0, Basic(4, 1)), Cost(1, 0, Basic(1)), Cost(40, 0, Basic(5)))
"""All admitted by the second gate alone: the first price is above the limit of the first one."""


@pytest.fixture
def gates(tmp_path: Path) -> Path:
    with make(tmp_path, lifetime=LIMIT, others=LIMIT) as ledger:
        for cost in PRICES:
            answer(ledger, ledger.charge(request(ledger, cost, LIMIT, others=LIMIT)))
    return tmp_path


def basic_of(line: bytes, name: str, basic: object) -> bytes:
    """Return a charge with another basic part in the cost, or in one amount of its first account."""
    entry = json.loads(line)
    if name == "cost":
        entry["cost"]["basic"] = basic
    else:
        entry["accounts"][0][name]["basic"] = basic
    return edited(line, **entry)


def amount_of(nano_epsilon: int, atto_delta: int = 0) -> dict[str, str]:
    return {"nano_epsilon": str(nano_epsilon), "atto_delta": str(atto_delta)}


def gates_of(line: bytes, gates: list[str]) -> bytes:
    accounts = json.loads(line)["accounts"]
    return edited(line, accounts=[account | {"gates": gates} for account in accounts])


def limits_of(line: bytes, basic: object) -> bytes:
    limits = json.loads(line)["limits"]
    return edited(line, limits=[x | {"limit": x["limit"] | {"basic": basic}} for x in limits])


FORGED_BASIC: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "cheaper epsilon": lambda lines: [*lines[:3], basic_of(lines[3], "cost", amount_of(0)), *lines[4:]],
    "cheaper delta": lambda lines: [lines[0], basic_of(lines[1], "cost", amount_of(4)), *lines[2:]],
    "a price that is none": lambda lines: [lines[0], basic_of(lines[1], "cost", "none"), *lines[2:]],
    "a sum that forgets": lambda lines: [
        *lines[:5],
        basic_of(lines[5], "before", amount_of(0, 1)),
        *lines[6:],
    ],
    "a gate closed and open again": lambda lines: [
        *lines[:3],
        basic_of(lines[3], "after", "none"),
        *lines[4:],
    ],
    "a limit in the charge above the activated one": lambda lines: [
        *lines[:5],
        basic_of(lines[5], "limit", amount_of(11, 5)),
        *lines[6:],
    ],
    "a lower limit": lambda lines: [limits_of(lines[0], amount_of(9, 5)), *lines[1:]],
    "a lower limit of delta": lambda lines: [limits_of(lines[0], amount_of(10, 4)), *lines[1:]],
    "no second limit": lambda lines: [limits_of(lines[0], "none"), *lines[1:]],
    "another gate than held": lambda lines: [*lines[:3], gates_of(lines[3], ["rho"]), *lines[4:]],
    "no gate": lambda lines: [*lines[:3], gates_of(lines[3], []), *lines[4:]],
    "a negative epsilon": lambda lines: [*lines[:3], basic_of(lines[3], "cost", amount_of(-1)), *lines[4:]],
    "an epsilon that is a number": lambda lines: [
        *lines[:3],
        basic_of(lines[3], "cost", {"nano_epsilon": 1, "atto_delta": "0"}),
        *lines[4:],
    ],
    "an older entry among newer ones": lambda lines: [
        *lines[:3],
        edited(
            lines[3],
            accounts=[
                account
                | {
                    name: dict(list(account[name].items())[:1] + list(account[name].items())[2:])
                    for name in ("before", "after")
                }
                for account in json.loads(lines[3])["accounts"]
            ],
        ),
        *lines[4:],
    ],
}


@pytest.mark.parametrize("name", FORGED_BASIC)
def test_a_forged_basic_price_sum_limit_or_gate_is_found(gates: Path, name: str) -> None:
    republish(gates, chained(gates, lines_of(gates)))
    assert verify(gates / "audit", None, key_of(gates)) == []
    forged = FORGED_BASIC[name](lines_of(gates))
    assert forged != lines_of(gates)
    republish(gates, chained(gates, forged))
    assert verify(gates / "audit", None, key_of(gates)) != []


def older(line: bytes) -> bytes:
    """Return an entry as versions before the second gate wrote it."""

    def stripped(found: object) -> object:
        if isinstance(found, list):
            return [stripped(one) for one in found]
        if not isinstance(found, dict):
            return found
        return {name: stripped(one) for name, one in found.items() if name not in {"basic", "gates"}}

    return json.dumps(stripped(json.loads(line)), sort_keys=True, separators=(",", ":")).encode()


def test_entries_from_before_the_second_gate_verify_and_close_it(house: Path) -> None:
    republish(house, chained(house, [older(line) for line in lines_of(house)]))
    found = verify_log(reader(house / "audit"), key_of(house), None)
    assert [step.problems for step in found.steps if step.problems] == []
    assert {one.basic for one in found.replay.spent.values()} == {None}


def test_a_basic_sum_changed_in_the_ledger_is_found(gates: Path) -> None:
    with sqlite3.connect(gates / "ledger.db") as db:
        db.executescript(
            "DROP TRIGGER no_refund; DROP TRIGGER posting_never_update;"
            "UPDATE account SET nano_epsilon = nano_epsilon - 1 WHERE key = 'lifetime';"
            "UPDATE posting SET nano_epsilon = nano_epsilon - 1 WHERE nano_epsilon = 5"
            " AND account = (SELECT id FROM account WHERE key = 'lifetime');"
        )
    found = verify(gates / "audit", gates / "ledger.db", key_of(gates))
    assert [f.step for f in found] == ["ledger"]
    assert "differs from the replay" in found[0].said


def test_a_log_cut_back_to_an_older_signed_state_is_found_by_memory_ledger_and_opening(house: Path) -> None:
    seen = house / "seen"
    assert verify(house / "audit", house / "ledger.db", key_of(house), seen) == []
    republish(house, lines_of(house)[:-3])
    assert verify(house / "audit", None, key_of(house)) == []
    assert [f.step for f in verify(house / "audit", None, key_of(house), seen)] == ["seen"]
    assert {f.step for f in verify(house / "audit", house / "ledger.db", key_of(house))} == {"ledger"}


def test_a_fork_is_found_by_memory_ledger_and_opening(house: Path) -> None:
    seen = house / "seen"
    assert verify(house / "audit", None, key_of(house), seen) == []
    lines = lines_of(house)
    republish(house, chained(house, [*lines[:-1], edited(lines[-1], purpose="care")]))
    assert verify(house / "audit", None, key_of(house)) == []
    assert [f.step for f in verify(house / "audit", None, key_of(house), seen)] == ["seen"]
    assert "ledger" in {f.step for f in verify(house / "audit", house / "ledger.db", key_of(house))}
    with pytest.raises(Exception, match="differs from the ledger"):
        reopen(house)


def test_a_seen_file_that_is_no_checkpoint_is_a_finding(house: Path) -> None:
    (house / "seen").write_text("hello")
    assert [f.step for f in verify(house / "audit", None, key_of(house), house / "seen")] == ["seen"]


def test_a_newline_in_a_purpose_stays_inside_its_entry(house: Path) -> None:
    evil = 'x"}\n{"type":"release","seq":10}\r\u2028\u0085\ud800' + "y" * 1000
    with reopen(house) as ledger:
        ledger.append_refusal(facts(purpose=evil))
    assert len(lines_of(house)) == 11
    assert verify(house / "audit", house / "ledger.db", key_of(house)) == []


@pytest.mark.parametrize("name", ["export", "export.zip"])
def test_the_exported_log_verifies_without_jali(house: Path, tmp_path: Path, name: str) -> None:
    out, memory = tmp_path / name, tmp_path / "memory"
    export(house / "audit", out)
    alone = tmp_path / "standalone_verifier.py"
    alone.write_bytes(Path(standalone_verifier.__file__).read_bytes())
    guard = "import runpy, sys; sys.modules['jali'] = None; sys.argv = sys.argv[1:]\n"
    guard += "runpy.run_path(sys.argv[0], run_name='__main__')"
    command = [
        sys.executable,
        "-I",
        "-c",
        guard,
        str(alone),
        str(out),
        "--key",
        key_of(house),
        "--seen",
        str(memory),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("ok  ") == 7
    assert memory.exists()


def test_the_stand_alone_verifier_exits_with_8_or_2(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = str(house / "audit")
    assert main([place, "--key", key_of(house)]) == 0
    assert main([place]) == main([]) == main([place, "--key"]) == main([place, "--lock", "x"]) == 2
    assert main([place, "--key", "nonsense"]) == 8
    edit(house)
    capsys.readouterr()
    assert main([place, "--key", key_of(house)]) == 8
    assert "FAIL entries" in capsys.readouterr().out


def test_a_receipt_verifies_offline_and_after_any_change_does_not(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        for _ in range(3):
            charge, receipt = ask(ledger)
        later, _ = ask(ledger)
    key = audit_settings(tmp_path).verifier_key
    entry = verify_receipt(receipt, key, '{"rows":[[12]]}')
    assert (entry["charge"], entry["type"]) == (charge.id, "release")
    assert later.id != charge.id
    with pytest.raises(BrokenError):
        verify_receipt(receipt, key, '{"rows":[[13]]}')
    with pytest.raises(BrokenError):
        verify_receipt(receipt, audit_settings(tmp_path, key=bytes(32)).verifier_key)
    with pytest.raises(BrokenError):
        verify_receipt(receipt, audit_settings(tmp_path, origin="other").verifier_key)


def test_every_changed_character_of_a_receipt_is_noticed(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        ask(ledger)
        _, receipt = ask(ledger)
    key = audit_settings(tmp_path).verifier_key
    verify_receipt(receipt, key, '{"rows":[[12]]}')
    for at, old in enumerate(receipt.rstrip("\n")):
        for new in {"A", "1", "\n", ""} - {old}:
            changed = receipt[:at] + new + receipt[at + 1 :]
            with pytest.raises(BrokenError):
                verify_receipt(changed, key, '{"rows":[[12]]}')


def test_refusals_and_decisions_have_receipts_too(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        refused = ledger.append_refusal(facts())
        decided = ledger.append_decision(facts(), "release-1")
        assert verify_receipt(refused, ledger.verifier_key)["type"] == "refusal"
        assert verify_receipt(decided, ledger.verifier_key)["release"] == "release-1"


def test_tiles_of_several_levels_verify(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        for _ in range(530):
            ledger.append_refusal(facts())
    assert verify(tmp_path / "audit", tmp_path / "ledger.db", audit_settings(tmp_path).verifier_key) == []
    tiles = {
        str(p.relative_to(tmp_path / "audit" / "tile"))
        for p in (tmp_path / "audit" / "tile").rglob("*")
        if p.is_file()
    }
    assert {"0/000", "0/001", "0/002.p/19", "1/000.p/1", "1/000.p/2"} <= tiles
    assert not any(name.startswith(("0/000.p", "0/001.p")) for name in tiles)
    export(tmp_path / "audit", tmp_path / "out")
    assert main([str(tmp_path / "out"), "--key", audit_settings(tmp_path).verifier_key]) == 0


def test_a_kept_release_that_was_changed_is_never_served(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        first, _ = ask(ledger)
        second, _ = ask(ledger)
        assert len(ledger.find(release_key())) == 2
    connection = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    connection.execute("UPDATE kept_release SET body = '{\"rows\":[[13]]}' WHERE charge = ?", (first.id,))
    with reopen(tmp_path) as ledger:
        with pytest.raises(LedgerFailed, match="damaged"):
            ledger.find(release_key())
        assert ledger.release(f"release-{second.id}") is not None
    copy = "SET (body, salt, receipt) = (SELECT body, salt, receipt FROM kept_release WHERE charge = ?)"
    connection.execute(f"UPDATE kept_release {copy} WHERE charge = ?", (second.id, first.id))
    connection.close()
    with reopen(tmp_path) as ledger, pytest.raises(LedgerFailed, match="damaged"):
        ledger.release(f"release-{first.id}")


def test_a_damaged_or_cut_export_does_not_verify(house: Path, tmp_path: Path) -> None:
    out = tmp_path / "export.zip"
    export(house / "audit", out)
    whole = out.read_bytes()
    assert main([str(out), "--key", key_of(house)]) == 0
    at = whole.index(b"entries.jsonl") + 100
    out.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    assert main([str(out), "--key", key_of(house)]) == 8
    out.write_bytes(whole[: len(whole) // 2])
    assert main([str(out), "--key", key_of(house)]) == 8
    with pytest.raises(FileExistsError):
        export(house / "audit", out)
    missing_tile(house)
    with pytest.raises(AuditFailed, match="missing"):
        export(house / "audit", tmp_path / "other.zip")


def test_verify_reports_a_ledger_it_cannot_read_and_charges_only_one_side_knows(house: Path) -> None:
    key, ledger = key_of(house), house / "ledger.db"
    assert {f.step for f in verify(house / "audit", house / "nowhere.db", key)} == {"ledger"}
    connection = sqlite3.connect(ledger, isolation_level=None)
    connection.execute("DROP TRIGGER final_state")
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("UPDATE charge SET id = 'x' || id WHERE seq = 1")
    connection.close()
    said = " ".join(f.said for f in verify(house / "audit", ledger, key))
    assert "is in the log and not in the ledger" in said
    assert "is in the ledger and not in the log" in said
    for damage in (b"", b"x" * 5000):
        ledger.write_bytes(damage)
        assert {f.step for f in verify(house / "audit", ledger, key)} == {"ledger"}


def test_the_log_can_be_verified_while_it_grows(tmp_path: Path) -> None:
    with make(tmp_path) as ledger, reopen(tmp_path) as other:
        writers = [Thread(target=lambda h=h: [ask(h) for _ in range(40)]) for h in (ledger, other)]
        for writer in writers:
            writer.start()
        while any(writer.is_alive() for writer in writers):
            assert verify(tmp_path / "audit", tmp_path / "ledger.db", ledger.verifier_key) == []
        for writer in writers:
            writer.join()
        assert ledger.spent(POPULATION, "lifetime") == Cost(80)
