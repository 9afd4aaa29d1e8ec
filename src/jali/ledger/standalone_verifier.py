"""Checks an exported Jali audit log, for somebody who does not trust Jali and has no access to the data.

One file that needs only Python 3.11 and the package `cryptography`; it imports nothing of Jali, so it can be
read in one sitting and kept by the auditor (which is why it is longer than our other files):

    python standalone_verifier.py EXPORT --key "origin+hash+base64" [--seen FILE]

EXPORT is a folder or a zip made by `jali audit export`. The key must reach you another way than the export.
`--seen` names a file of yours that remembers the last checkpoint; without it a log cut back to an older state
that was signed cannot be told from one that was always that short. Exit code 0: every step holds; 8: not.

Sources: RFC 9162 sections 2.1.1, 2.1.3.2 and 2.1.4.2 (tree and proofs), C2SP signed-note, tlog-checkpoint,
tlog-tiles and tlog-proof, RFC 8785 (canonical JSON; entries hold text, small integers, lists and objects).
"""

import base64
import binascii
import hashlib
import json
import re
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias  # Any: entries are JSON read from outside; every use of a field is checked

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Entry: TypeAlias = dict[str, Any]
Read: TypeAlias = Callable[[str], "bytes | None"]
Basic: TypeAlias = "tuple[int, int] | None"
"""(nano-epsilon, atto-delta) for basic composition; None is no number: not known, or no limit."""
EMPTY_ROOT = hashlib.sha256(b"").digest()
TILE = 256
PROOF_HEADER = "c2sp.org/tlog-proof@v1"
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
_KEY = re.compile(r"([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")


class BrokenError(Exception):
    """Something presented as evidence is not what it claims to be."""


@dataclass(frozen=True)
class Checkpoint:
    """A signed statement: the log `origin` has `size` entries whose tree has this `root`."""

    origin: str
    size: int
    root: bytes
    body: str


@dataclass(frozen=True)
class Amount:
    """A price, a sum of prices or a limit, on both scales.

    An account may be charged while one of two gates holds for all it was ever charged: zCDP (rho and key delta within
    the limit) or basic composition (epsilon, delta and the same key delta within it). What has no basic price closes
    the second gate.
    """

    nano_rho: int = 0
    key_delta: int = 0
    basic: Basic = (0, 0)

    def __add__(self, other: "Amount") -> "Amount":
        """Return the sum; what has no basic price leaves none to the sum."""
        one, two = self.basic, other.basic
        basic = None if one is None or two is None else (one[0] + two[0], one[1] + two[1])
        return Amount(self.nano_rho + other.nano_rho, self.key_delta + other.key_delta, basic)

    def gates(self, limit: "Amount") -> list[str]:
        """Return the gates that hold for this sum under a limit."""
        if self.key_delta > limit.key_delta:
            return []
        held = ["rho"] if self.nano_rho <= limit.nano_rho else []
        one, most = self.basic, limit.basic
        is_within = one is not None and most is not None and one[0] <= most[0] and one[1] <= most[1]
        return [*held, *(["basic"] if is_within else [])]

    def is_within(self, limit: "Amount") -> bool:
        """Return whether this limit is nowhere above another one."""
        one, most = self.basic, limit.basic
        is_lower = one is None or (most is not None and one[0] <= most[0] and one[1] <= most[1])
        return is_lower and self.nano_rho <= limit.nano_rho and self.key_delta <= limit.key_delta


@dataclass(frozen=True)
class Step:
    """One check: what it proves, and the problems it found (none is good)."""

    name: str
    proves: str
    problems: list[str]


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256(0x00 || entry), RFC 9162 section 2.1.1."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256(0x01 || left || right), RFC 9162 section 2.1.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def roots(leaves: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the root of every prefix: of 0 leaves, of 1 leaf, and so on."""
    yield EMPTY_ROOT
    peaks: list[bytes] = []
    for index, leaf in enumerate(leaves):
        peaks.append(leaf)
        for _ in range(((index + 1) & -(index + 1)).bit_length() - 1):
            right = peaks.pop()
            peaks.append(node_hash(peaks.pop(), right))
        root = peaks[-1]
        for peak in reversed(peaks[:-1]):
            root = node_hash(peak, root)
        yield root


def verify_inclusion(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    """Return whether `proof` shows `leaf` at `index` of the tree of `size` leaves with `root` (2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, computed = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            computed = node_hash(step, computed)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            computed = node_hash(computed, step)
        at, last = at >> 1, last >> 1
    return last == 0 and computed == root


def verify_consistency(  # noqa: C901  # the algorithm of the RFC, line by line
    old: int, new: int, old_root: bytes, new_root: bytes, proof: list[bytes]
) -> bool:
    """Return whether `proof` shows the tree of `new` leaves to extend the tree of `old` leaves (2.1.4.2)."""
    if not 0 <= old <= new:
        return False
    if old in (0, new):
        return not proof and (old_root == new_root if old == new else old_root == EMPTY_ROOT)
    path = [old_root, *proof] if old & (old - 1) == 0 else proof
    if not path:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            second = node_hash(second, step)
        at, last = at >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


def verifier_key(origin: str, public: bytes) -> str:
    """Return a key in the text form of C2SP signed-note: name, key id, and 0x01 || key in base64."""
    encoded = base64.b64encode(b"\x01" + public).decode()
    return f"{origin}+{key_id(origin, public).hex()}+{encoded}"


def key_id(origin: str, public: bytes) -> bytes:
    """Return the first 4 bytes of SHA-256(name || 0x0A || 0x01 || key)."""
    return hashlib.sha256(origin.encode() + b"\n\x01" + public).digest()[:4]


def _decode(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BrokenError("text that should be base64 is not") from None
    if base64.b64encode(raw).decode() != text:
        raise BrokenError("base64 with stray bits")
    return raw


def open_checkpoint(note: str, key: str) -> Checkpoint:
    """Return the checkpoint of a signed note, once the signature of `key` holds.

    Raises:
        BrokenError: if the note or key is malformed, or carries no valid signature of this key.
    """
    origin, public = _open_key(key)
    body, _, signatures = note.rpartition("\n\n")
    match f"{body}\n".split("\n"):
        case [name, size, root, ""] if name == origin and _NUMBER.fullmatch(size):
            signed = Checkpoint(origin, int(size), _decode(root), f"{body}\n")
        case _:
            raise BrokenError("the checkpoint is not a checkpoint of this log")
    for line in signatures.split("\n"):
        match line.split(" "):
            case ["\u2014", name, encoded] if name == origin:
                raw = _decode(encoded)
                if raw[:4] == key_id(origin, public) and _is_signed(public, raw[4:], signed.body):
                    return signed
            case _:
                continue
    raise BrokenError("the checkpoint carries no valid signature of this key")


def _open_key(key: str) -> tuple[str, bytes]:
    form = _KEY.fullmatch(key)
    raw = _decode(form[3]) if form else b""
    if form is None or raw[:1] != b"\x01" or key_id(form[1], raw[1:]).hex() != form[2]:
        raise BrokenError("the key is not an Ed25519 key in signed-note form")
    return form[1], raw[1:]


def _is_signed(public: bytes, signature: bytes, body: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, body.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def open_receipt(receipt: str, key: str) -> tuple[Entry, dict[str, str]]:
    """Return the audit entry a receipt proves to be in the log, and the unauthenticated extra facts.

    Raises:
        BrokenError: if the receipt does not prove its entry.
    """
    proof, _, note = receipt.partition("\n\n")
    match proof.split("\n"):
        case [header, extra_line, index_line, *hashes] if header == PROOF_HEADER:
            place, extra = index_line.removeprefix("index "), extra_line.removeprefix("extra ")
        case _:
            raise BrokenError("not a receipt")
    try:
        facts = json.loads(_decode(extra))
        text = facts["entry"].encode()
        entry = json.loads(text)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BrokenError("not a receipt") from None
    if not _NUMBER.fullmatch(place) or not isinstance(entry, dict):
        raise BrokenError("not a receipt")
    signed = open_checkpoint(note, key)
    path = [_decode(line) for line in hashes]
    if not verify_inclusion(leaf_hash(text), int(place), signed.size, path, signed.root):
        raise BrokenError("the entry is not in the log at this place")
    return entry, facts


def verify_receipt(receipt: str, key: str, release: str | None = None) -> Entry:
    """Return the entry of a receipt; with the text of the release also check that the entry commits to it.

    Raises:
        BrokenError: if the receipt does not prove its entry, or the release is another one.
    """
    entry, extra = open_receipt(receipt, key)
    if release is not None:
        salted = f"{extra.get('salt', '')}\n{release}"
        if hashlib.sha256(salted.encode()).hexdigest() != entry.get("commitment"):
            raise BrokenError("the receipt belongs to another release")
    return entry


def canonical(entry: Entry) -> bytes:
    """Return the RFC 8785 form (sufficient here: ASCII keys, no floats)."""
    return json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def tile_path(level: int, index: int, width: int) -> str:
    """Return the C2SP tlog-tiles path of a tile of `width` hashes."""
    digits = f"{index:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    path = "/".join([f"x{g}" for g in groups[:-1]] + groups[-1:])
    return f"tile/{level}/{path}" + ("" if width == TILE else f".p/{width}")


def check_tiles(read: Read, leaves: list[bytes]) -> list[str]:
    """Return problems of the tiles: each must hold exactly the hashes the entries give."""
    problems: list[str] = []
    level, hashes = 0, leaves
    while hashes:
        for index in range(-(-len(hashes) // TILE)):
            part = hashes[index * TILE : (index + 1) * TILE]
            if read(tile_path(level, index, len(part))) != b"".join(part):
                problems.append(f"tile {index} of level {level} is missing or differs from the entries")
        full = range(len(hashes) // TILE)
        hashes = [_last(roots(hashes[i * TILE : (i + 1) * TILE])) for i in full]
        level += 1
    return problems


def _last(items: Iterable[bytes]) -> bytes:
    found = EMPTY_ROOT
    for found in items:  # noqa: B007  # the last one is wanted
        pass
    return found


def check_form(lines: list[bytes], prefix_roots: list[bytes], origin: str) -> tuple[list[Entry], list[str]]:
    """Return the entries and the problems of their form, order, time, names and links."""
    entries: list[Entry] = []
    problems: list[str] = []
    ids: set[str] = set()
    time = ""
    for seq, line in enumerate(lines):
        try:
            entry = json.loads(line)
            wrong = _form_problems(entry, line, seq, time)
            previous = f"{origin}\n{seq}\n{base64.b64encode(prefix_roots[seq]).decode()}\n"
            if entry["previous"] != hashlib.sha256(previous.encode()).hexdigest():
                wrong.append("does not follow the checkpoint before it")
            if entry["id"] in ids:
                wrong.append("repeats an identifier")
            ids.add(entry["id"])
            time = max(time, entry["time"])
            entries.append(entry)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            wrong = ["is not an audit entry"]
        problems += [f"entry {seq} {w}" for w in wrong]
    return entries, problems


def _form_problems(entry: Entry, line: bytes, seq: int, time: str) -> list[str]:
    checks = {
        "is not canonical JSON": canonical(entry) == line,
        "carries another number: entries are missing, moved or repeated": entry["seq"] == seq,
        "goes back in time": entry["time"] >= time,
    }
    return [what for what, holds in checks.items() if not holds]


@dataclass
class Replay:
    """All accounts computed again from the entries alone."""

    limits: dict[tuple[str, str, str], Amount] = field(default_factory=dict[tuple[str, str, str], Amount])
    spent: dict[tuple[str, str], Amount] = field(default_factory=dict[tuple[str, str], Amount])
    charges: dict[str, Amount] = field(default_factory=dict[str, Amount])
    open: set[str] = field(default_factory=set[str])
    released: set[str] = field(default_factory=set[str])
    answered: set[str] = field(default_factory=set[str])
    money: list[str] = field(default_factory=list[str])
    pairing: list[str] = field(default_factory=list[str])

    def play(self, entry: Entry) -> None:
        """Apply one entry and note what does not add up."""
        try:
            if entry["type"] == "activation":
                for item in entry["limits"]:
                    place = (entry["population"], entry["contract"], item["account"])
                    self.limits[place] = amount(item["limit"])
            elif entry["type"] == "charge":
                self._charge(entry)
            elif entry["type"] == "release":
                self._release(entry)
            elif entry["type"] == "refusal":
                self.open.discard(entry.get("charge", ""))
            elif entry["type"] != "decision":
                self.pairing.append(f"entry {entry['seq']} is of no known type")
        except (KeyError, TypeError, ValueError, AttributeError):
            self.money.append(f"entry {entry.get('seq')} lacks a field")

    def _charge(self, entry: Entry) -> None:
        cost, seq = amount(entry["cost"]), entry["seq"]
        if entry["charge"] in self.charges:
            self.pairing.append(f"entry {seq} repeats a charge")
        self.charges[entry["charge"]] = cost
        self.open.add(entry["charge"])
        names = [item["account"] for item in entry["accounts"]]
        if len(set(names)) != len(names) or not any(n.split(":")[0] == "lifetime" for n in names):
            self.money.append(f"entry {seq} charges no lifetime account, or one account twice")
        for item in entry["accounts"]:
            before, after, limit = (amount(item[k]) for k in ("before", "after", "limit"))
            place = (entry["population"], item["account"])
            known = self.spent.get(place, Amount())
            if "basic" not in item["before"]:  # an older entry: it closes the second gate
                known = Amount(known.nano_rho, known.key_delta, None)
            if before != known or after != before + cost:
                self.money.append(f"entry {seq}: account {item['account']} does not add up")
            active, held = self._limit(entry, item["account"]), after.gates(limit)
            if not (held and active is not None and limit.is_within(active)):
                self.money.append(f"entry {seq}: account {item['account']} exceeds its activated limit")
            if held != item.get("gates", ["rho"]):
                self.money.append(f"entry {seq}: account {item['account']} passed other gates than it says")
            self.spent[place] = after

    def _limit(self, entry: Entry, account: str) -> Amount | None:
        found: list[Amount] = []
        for contract in entry["contracts"]:
            places = [(entry["population"], contract, p) for p in patterns(account)]
            found += [self.limits[p] for p in places if p in self.limits][:1]
        return strictest(found) if found else None

    def _release(self, entry: Entry) -> None:
        seq, charge = entry["seq"], entry["charge"]
        if charge not in self.open or self.charges[charge] != amount(entry["cost"]):
            self.pairing.append(f"entry {seq}: a release without an open charge of the same cost before it")
        if entry["release"] in self.released:
            self.pairing.append(f"entry {seq} repeats a release")
        self.released.add(entry["release"])
        self.answered.add(charge)
        self.open.discard(charge)


def amount(item: Entry) -> Amount:
    """Return the amount of an entry; all numbers are texts of digits. Older entries have no basic part.

    Raises:
        ValueError: for anything else.
    """
    basic: Basic = None
    if item.get("basic", "none") != "none":
        basic = (_whole(item["basic"], "nano_epsilon"), _whole(item["basic"], "atto_delta"))
    return Amount(_whole(item, "nano_rho"), _whole(item, "atto_delta"), basic)


def _whole(item: Entry, name: str) -> int:
    if not isinstance(item[name], str) or not _NUMBER.fullmatch(item[name]):
        raise ValueError(name)
    return int(item[name])


def strictest(limits: list[Amount]) -> Amount:
    """Return the smallest of each part of several limits; one without a basic part leaves none."""
    basics = [one.basic for one in limits]
    known = [one for one in basics if one is not None]
    basic = (min(e for e, _ in known), min(d for _, d in known)) if len(known) == len(basics) else None
    return Amount(min(a.nano_rho for a in limits), min(a.key_delta for a in limits), basic)


def patterns(account: str) -> list[str]:
    """Return the forms under which a limit for this account may have been activated, most specific first."""
    kind, colon, name = account.partition(":")
    owner, at, label = name.rpartition("@")
    if not at:
        return [account, f"{kind}:*"] if colon else [account]
    return [account, f"{kind}:{owner}@*", f"{kind}:*@{label}", f"{kind}:*@*"]


@dataclass
class Verified:
    """What was found: the steps, and, where the log could be read, its checkpoint, lines and replay."""

    steps: list[Step]
    note: str = ""
    checkpoint: Checkpoint | None = None
    lines: list[bytes] = field(default_factory=list[bytes])
    replay: Replay = field(default_factory=Replay)


def verify_log(read: Read, key: str, seen: str | None) -> Verified:
    """Return every step of the check of one log; `seen` is the note of the last checkpoint seen, if any."""
    found = Verified([])
    try:
        found.note = (read("checkpoint") or b"").decode()
        signed = found.checkpoint = open_checkpoint(found.note, key)
    except (BrokenError, ValueError) as error:
        found.steps.append(Step("signature", "the log's owner signed this state", [str(error)]))
        return found
    found.steps.append(Step("signature", f"the log's owner signed a state of {signed.size} entries", []))
    text = read("entries.jsonl") or b""
    found.lines = text.split(b"\n")[:-1]
    leaves = [leaf_hash(line) for line in found.lines]
    prefix_roots = list(roots(leaves))
    problems = _root_problems(text, prefix_roots, signed)
    found.steps += [
        Step("entries", "no entry was added, removed, moved or changed after signing", problems),
        Step("tiles", "the published tiles are those of the entries", check_tiles(read, leaves)),
        Step(
            "seen", "the log only grew since you last looked", _seen_problems(seen, key, signed, prefix_roots)
        ),
    ]
    entries, problems = check_form(found.lines, prefix_roots, signed.origin)
    found.steps.append(Step("order", "numbers, times and links between entries have no gap", problems))
    for entry in entries:
        found.replay.play(entry)
    found.steps += [
        Step("charges", "every release was paid for before, once", found.replay.pairing),
        Step("accounts", "all accounts add up and never exceeded an activated limit", found.replay.money),
    ]
    return found


def _root_problems(text: bytes, prefix_roots: list[bytes], signed: Checkpoint) -> list[str]:
    size = len(prefix_roots) - 1
    if size == signed.size and prefix_roots[-1] == signed.root and text[-1:] in (b"\n", b""):
        return []
    return [f"{size} entries do not give the root that was signed for {signed.size}"]


def _seen_problems(seen: str | None, key: str, signed: Checkpoint, prefix_roots: list[bytes]) -> list[str]:
    if not seen:
        return []
    try:
        old = open_checkpoint(seen, key)
    except BrokenError as error:
        return [f"the checkpoint you kept is no checkpoint of this log: {error}"]
    if old.size > signed.size:
        return [f"the log had {old.size} entries when you last looked and now has {signed.size}"]
    if old.size >= len(prefix_roots) or prefix_roots[old.size] != old.root:
        return [f"the first {old.size} entries are not those you have seen (a fork)"]
    return []


def reader(place: Path) -> Read:
    """Return a function that reads a file of a folder or zip by name, and gives None where there is none."""
    if zipfile.is_zipfile(place):
        return lambda name: _unzipped(place, name)
    return lambda name: (place / name).read_bytes() if (place / name).is_file() else None


def _unzipped(place: Path, name: str) -> bytes | None:
    try:
        with zipfile.ZipFile(place) as archive:
            return archive.read(name)
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError):
        return None


def main(arguments: list[str]) -> int:
    """Check one export, print what each step proves, and return the exit code."""
    options = dict(zip(arguments[1::2], arguments[2::2], strict=False))
    if (
        not arguments
        or len(arguments) % 2 == 0
        or "--key" not in options
        or set(options) - {"--key", "--seen"}
    ):
        sys.stderr.write("usage: standalone_verifier.py EXPORT --key KEY [--seen FILE]\n")
        return 2
    memory = Path(options["--seen"]) if "--seen" in options else None
    seen = memory.read_text("utf-8") if memory and memory.exists() else None
    found = verify_log(reader(Path(arguments[0])), options["--key"], seen)
    for step in found.steps:
        sys.stdout.write(f"{'FAIL' if step.problems else 'ok  '} {step.name}: {step.proves}\n")
        sys.stdout.writelines(f"       - {problem}\n" for problem in step.problems[:20])
    if any(step.problems for step in found.steps):
        sys.stdout.write("The log does not verify.\n")
        return 8
    if memory:
        memory.write_text(found.note, "utf-8")
    sys.stdout.write(
        "The log verifies" + (".\n" if memory else "; use --seen FILE to notice a log cut back later.\n")
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
