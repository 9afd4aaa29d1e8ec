import hashlib
import hmac
import stat
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jali.keys.vault import Vault, canonical_identifier, pseudonym, pseudonymiser
from jali.model.codes import VaultFailed


def test_folder_and_keys_are_for_the_owner_alone(tmp_path: Path) -> None:
    vault = Vault.create(tmp_path / "vault")
    vault.pseudonym_key("household", create=True)
    assert stat.S_IMODE((tmp_path / "vault").stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "vault").iterdir()} == {0o600}
    assert not list((tmp_path / "vault").glob(".*"))


def test_keys_survive_reopening_and_differ_by_name(tmp_path: Path) -> None:
    made = Vault.create(tmp_path / "vault")
    household = made.pseudonym_key("keys:household", create=True)
    opened = Vault.open(tmp_path / "vault")
    assert opened.pseudonym_key("household") == household
    assert (
        len(
            {
                household,
                opened.pseudonym_key("basket", create=True),
                opened.sampling_key(),
                opened.actor_key(),
            }
        )
        == 4
    )
    public = made.signing_key().public_key().public_bytes_raw()
    assert opened.signing_key().public_key().public_bytes_raw() == public
    assert Vault.create(tmp_path / "vault").sampling_key() == made.sampling_key()


def test_only_callers_who_say_so_create_keys(tmp_path: Path) -> None:
    with pytest.raises(VaultFailed, match="missing"):
        Vault.create(tmp_path / "vault").pseudonym_key("household")


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o660, 0o666])
def test_a_key_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    vault = Vault.create(tmp_path / "vault")
    (tmp_path / "vault" / "sampling.key").chmod(mode)
    with pytest.raises(VaultFailed, match="others"):
        vault.sampling_key()
    with pytest.raises(VaultFailed, match="others"):
        Vault.open(tmp_path / "vault")


def test_a_folder_others_can_enter_is_refused(tmp_path: Path) -> None:
    Vault.create(tmp_path / "vault")
    (tmp_path / "vault").chmod(0o750)
    with pytest.raises(VaultFailed, match="others"):
        Vault.open(tmp_path / "vault")
    with pytest.raises(VaultFailed, match="others"):
        Vault.create(tmp_path / "vault")


def test_a_key_behind_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    vault = Vault.create(tmp_path / "vault")
    key = tmp_path / "vault" / "sampling.key"
    key.rename(tmp_path / "moved.key")
    key.symlink_to(tmp_path / "moved.key")
    with pytest.raises(VaultFailed):
        vault.sampling_key()


@pytest.mark.parametrize("name", ["", "../x", "a/b", "A", "a" * 65, "keys:", ".hidden", "a..b"])
def test_names_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(VaultFailed):
        Vault.create(tmp_path / "vault").pseudonym_key(name, create=True)


def test_a_damaged_key_is_named_and_not_shown(tmp_path: Path) -> None:
    vault = Vault.create(tmp_path / "vault")
    (tmp_path / "vault" / "actor.key").write_text("abcd\n")
    with pytest.raises(VaultFailed) as caught:
        vault.actor_key()
    assert "actor.key" in str(caught.value)
    assert "abcd" not in str(caught.value)


def test_many_creators_agree_on_one_key(tmp_path: Path) -> None:
    vault = Vault.create(tmp_path / "vault")
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: vault.pseudonym_key("household", create=True), range(64)))
    assert len(keys) == 1


def test_repr_shows_nothing(tmp_path: Path) -> None:
    vault = Vault.create(tmp_path / "vault")
    assert repr(vault) == str(vault) == "<vault>"


def test_pseudonym_is_the_hmac_as_documented() -> None:
    key = bytes(range(32))
    message = (9).to_bytes(4, "big") + b"household" + b"777"
    expected = hmac.new(key, message, hashlib.sha256).hexdigest()[:32]
    assert pseudonym(key, "household", b"777").hex == expected
    assert pseudonymiser(key, "household")(b"777") == expected


@pytest.mark.parametrize("value", [777, "777", " 777 ", 777.0, "777.0", "0777", "+777", "7.77e2"])
def test_one_integer_has_one_canonical_form(value: object) -> None:
    assert canonical_identifier(value, "integer") == b"777"


@pytest.mark.parametrize(
    "value", [None, "", " ", "x", "1.5", "nan", "inf", "1e999999999", "1e-999999999", 0.5]
)
def test_what_is_no_integer_is_no_identifier(value: object) -> None:
    assert canonical_identifier(value, "integer") is None


def test_text_is_composed_and_stripped_and_keeps_case_and_zeros() -> None:
    decomposed = unicodedata.normalize("NFD", "Ångström")
    assert canonical_identifier(f"\t{decomposed}\u00a0", "string") == "Ångström".encode()
    assert canonical_identifier("0777", "string") == b"0777"
    assert canonical_identifier("Ab", "string") != canonical_identifier("ab", "string")
    assert canonical_identifier("  ", "string") is None


def test_the_population_of_a_key_is_kept_for_good(tmp_path: Path) -> None:
    vault = Vault.create(tmp_path / "vault")
    assert vault.population("patient", "patient") is None
    vault.bind_population("keys:patient", "patient", "urn:a")
    vault.bind_population("patient", "patient", "urn:b")
    assert vault.population("patient", "patient") == "urn:a"
    assert vault.population("patient", "staff") is None
    path = next((tmp_path / "vault").glob("population-*.id"))
    path.write_text("{", encoding="ascii")
    with pytest.raises(VaultFailed):
        vault.population("patient", "patient")
