"""The vault: pseudonym, sampling, signing and actor keys, one small file each, readable by the owner alone.

Invariants: a key, once written, never changes and is never printed; two processes that create the same key
    at the
same time end up with the same key; a vault that others can read is not used.
"""

import contextlib
import hashlib
import hmac
import json
import os
import re
import secrets
import stat
import unicodedata
import uuid
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jali.model.codes import VaultFailed

KEY_BYTES = 32
MAX_IDENTIFIER_DIGITS = 38
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_.-]{0,62}[a-z0-9])?")
_FIXED_KEYS = ("sampling", "signing", "actor")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Vault:
    """An opened vault folder; keys are read when asked for and not kept.

    Example:
        >>> import tempfile
        >>> vault = Vault.create(Path(tempfile.mkdtemp()) / "vault")
        >>> len(vault.pseudonym_key("household", create=True))
        32
        >>> vault
        <vault>
    """

    __slots__ = ("_folder",)

    def __init__(self, folder: Path) -> None:
        """Hold a folder that `create` or `open` has checked; use those two."""
        self._folder = folder

    def __repr__(self) -> str:
        """Return the same text for every vault."""
        return "<vault>"

    @classmethod
    def create(cls, path: Path) -> "Vault":
        """Return a vault at `path` with fresh sampling, signing and actor keys; keys that exist are kept.

        Raises:
            VaultFailed: if the folder cannot be made or others can read it.
        """
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            _refuse_if_shared(path, is_folder=True)
            for name in _FIXED_KEYS:
                _create_key(path / f"{name}.key")
        except OSError:
            raise VaultFailed("the vault cannot be created", hint="check space and permissions") from None
        return cls(path)

    @classmethod
    def open(cls, path: Path) -> "Vault":
        """Return the vault at `path`.

        Raises:
            VaultFailed: if there is none, one of its own keys is missing, or others can read it.
        """
        _refuse_if_shared(path, is_folder=True)
        for name in _FIXED_KEYS:
            _refuse_if_shared(path / f"{name}.key", is_folder=False)
        return cls(path)

    def pseudonym_key(self, name: str, *, create: bool = False) -> bytes:
        """Return the 32-byte pseudonym key of this name.

        Args:
            name: as in `key: "keys:NAME"`, with or without the prefix; lower-case letters, digits, `_`, `.`,
                `-`.
            create: make the key if it does not exist; only ingestion asks for that.

        Raises:
            VaultFailed: if the name is not a key name, or the key is missing and may not be created.
        """
        bare = name.removeprefix("keys:")
        if not _NAME.fullmatch(bare) or ".." in bare:
            raise VaultFailed("a key name consists of lower-case letters, digits, '_', '.' and '-'")
        path = self._folder / f"pseudonym-{bare}.key"
        if create:
            try:
                _create_key(path)
            except OSError:
                raise VaultFailed("a key cannot be written", hint="check space and permissions") from None
        return _read_key(path)

    def sampling_key(self) -> bytes:
        """Return the 32-byte key that orders and samples the rows of a unit."""
        return _read_key(self._folder / "sampling.key")

    def signing_key(self) -> Ed25519PrivateKey:
        """Return the private key that signs audit checkpoints and receipts."""
        return Ed25519PrivateKey.from_private_bytes(_read_key(self._folder / "signing.key"))

    def actor_key(self) -> bytes:
        """Return the 32-byte key of the pseudonyms of analysts in the audit log."""
        return _read_key(self._folder / "actor.key")

    def ledger_id(self) -> str | None:
        """Return the id of the one ledger this house spends from; None before it has one.

        Raises:
            VaultFailed: if it cannot be read.
        """
        path = self._folder / "ledger.id"
        if not path.exists():
            return None
        _refuse_if_shared(path, is_folder=False)
        try:
            return path.read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            raise VaultFailed(
                "the id of the ledger cannot be read", hint="restore the vault from its backup"
            ) from None

    def bind_ledger(self, ledger_id: str) -> None:
        """Remember the ledger of this house for good; a second call changes nothing.

        Raises:
            VaultFailed: if it cannot be written.
        """
        try:
            _write_once(self._folder / "ledger.id", ledger_id)
        except OSError:
            raise VaultFailed(
                "the id of the ledger cannot be written", hint="check space and permissions"
            ) from None

    def population(self, key: str, context: str) -> str | None:
        """Return the id of the population whose units a pseudonym key names; None before their first load.

        Raises:
            VaultFailed: if it cannot be read.
        """
        path = self._population_file(key, context)
        if not path.exists():
            return None
        _refuse_if_shared(path, is_folder=False)
        try:
            return str(json.loads(path.read_text(encoding="ascii")))
        except (OSError, ValueError):
            raise VaultFailed(
                "the population of a key cannot be read", hint="restore the vault from its backup"
            ) from None

    def bind_population(self, key: str, context: str, population: str) -> None:
        """Remember the population of a key for good; a second call changes nothing.

        A population that could be renamed would get a second lifetime budget for the same people.

        Args:
            key: name of a pseudonym key that exists.
            context: the contract's `context`.
            population: its id.

        Raises:
            VaultFailed: if it cannot be written.
        """
        try:
            _write_once(self._population_file(key, context), json.dumps(population))
        except OSError:
            raise VaultFailed(
                "the population of a key cannot be written", hint="check space and permissions"
            ) from None

    def _population_file(self, key: str, context: str) -> Path:
        place = hashlib.sha256(f"{key.removeprefix('keys:')} {context}".encode()).hexdigest()[:32]
        return self._folder / f"population-{place}.id"


def pseudonym(key: bytes, context: str, value: bytes) -> uuid.UUID:
    """Return the pseudonym of one canonical identifier: the first 128 bits of a keyed hash, as a UUID.

    HMAC-SHA-256(key, len(context) as 4 bytes, big-endian || context in UTF-8 || value). The length prefix
    keeps contexts apart: ("a", b"bc") and ("ab", b"c") differ. All 128 bits count; no version
    bits are set.

    Args:
        key: 32 secret bytes.
        context: the contract's `context`, such as household.
        value: `canonical_identifier(...)` of the raw value.

    Example:
        >>> pseudonym(bytes(32), "a", b"bc") == pseudonym(bytes(32), "ab", b"c")
        False
    """
    return uuid.UUID(pseudonymiser(key, context)(value))


def pseudonymiser(key: bytes, context: str) -> Callable[[bytes], str]:
    """Return `pseudonym` for many values of one key and context: canonical bytes to 32 hexadecimal digits."""
    prefix = context.encode()
    start = hmac.new(key, len(prefix).to_bytes(4, "big") + prefix, "sha256")

    def one(value: bytes) -> str:
        mac = start.copy()
        mac.update(value)
        return mac.digest()[:16].hex()

    return one


def canonical_identifier(value: object, logical_type: str) -> bytes | None:
    r"""Return the bytes an identifier is hashed as, or None where it is none of the declared type.

    Under `integer`, 777, "777", " 777 ", "0777", 777.0 and "7.77e2" are one identifier: its decimal digits.
    Under every other type the text counts: NFC-normalised, stripped of white space, case kept ("0777" is not
    "777"). Empty text, numbers that are not whole, NaN and infinities are no identifiers.

    Example:
        >>> canonical_identifier("777.0", "integer"), canonical_identifier(" A\u030a1 ", "string").decode()
        (b'777', 'Å1')
    """
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value).encode()
    text = unicodedata.normalize("NFC", str(value)).strip()
    if logical_type != "integer":
        return text.encode() or None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if (
        not number.is_finite()
        or number.adjusted() >= MAX_IDENTIFIER_DIGITS
        or number != number.to_integral_value()
    ):
        return None
    return str(int(number)).encode()


def _create_key(path: Path) -> None:
    """Write a fresh key durably unless the file exists."""
    _write_once(path, secrets.token_bytes(KEY_BYTES).hex())


def _write_once(path: Path, text: str) -> None:
    """Write a file durably unless it exists; a half-written one never has the final name."""
    if path.exists():
        return
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # somebody else was first: theirs is the key
            os.link(temporary, path)
    finally:
        temporary.unlink()
    _sync_folder(path.parent)


def _read_key(path: Path) -> bytes:
    _refuse_if_shared(path, is_folder=False)
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise VaultFailed(f"the key file {path.name} is damaged", hint="restore the vault from its backup")
    return key


def _refuse_if_shared(path: Path, *, is_folder: bool) -> None:
    try:
        mode = path.lstat().st_mode
    except OSError:
        kind = "the vault" if is_folder else f"the key file {path.name}"
        raise VaultFailed(f"{kind} is missing", hint="restore the vault, or run: jali init") from None
    if is_folder is not stat.S_ISDIR(mode) or (not is_folder and not stat.S_ISREG(mode)):
        raise VaultFailed(
            "the vault is not a folder of plain files", hint="restore the vault from its backup"
        )
    if mode & _OTHERS:
        raise VaultFailed(
            "the vault can be read by others than its owner",
            hint="chmod 700 for the folder, 600 for the files",
        )


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
