from collections.abc import Sequence

import attrs
import pytest
from support import CHEAP, PASSWORD

from archive_core.errors import LoginRefused, PasswordTooWeak
from archive_core.ledger.keys import is_signed, public_key
from archive_core.people.keyring import NewKey, new_key, unlock
from archive_core.people.persons import Person
from archive_core.people.sealing import SHORTEST_PASSWORD, Sealed, check_password, open_key, seal_key

SECRET = bytes(range(32))
BOUND = b"archive-core/sealed-key/1\nli.hua\n" + bytes(32)


class Ring:
    """Sealed keys in memory, found as keys.db finds them."""

    def __init__(self, *keys: NewKey) -> None:
        self.keys = list(keys)

    def add(self, person: int, key: NewKey) -> None:
        del person
        self.keys.append(key)

    def of(self, username: str) -> Sequence[NewKey]:
        return [key for key in self.keys if key.username == username.casefold()]


def person_of(key: NewKey, username: str = "") -> Person:
    return Person(
        record=3, username=username or key.username, name_zh="李华", name_en="Li Hua", roles=frozenset(),
        public_key=key.public_key, active=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def li() -> NewKey:
    return new_key("li.hua", PASSWORD, CHEAP)


@pytest.fixture(scope="module")
def wang() -> NewKey:
    return new_key("wang.wei", PASSWORD, CHEAP)


@pytest.fixture(scope="module")
def sealed() -> Sealed:
    return seal_key(SECRET, PASSWORD, BOUND, CHEAP)


# -- sealing ----------------------------------------------------------------------------------------------------------


def test_the_right_password_opens(sealed: Sealed) -> None:
    """What was sealed comes out again."""
    assert SECRET == open_key(sealed, PASSWORD, BOUND, "li.hua")


@pytest.mark.parametrize(
    "password", ["", PASSWORD[:-1], PASSWORD + " ", PASSWORD.upper(), "密码密码密码密码密码", "\x00"]
)
def test_a_wrong_password_does_not(sealed: Sealed, password: str) -> None:
    """Anything else is refused, in one sentence that does not say what was wrong."""
    with pytest.raises(LoginRefused) as refused:
        open_key(sealed, password, BOUND, "li.hua")
    assert "li.hua" == refused.value.username


@pytest.mark.parametrize("part", ["salt", "nonce", "sealed"])
def test_a_changed_seal_does_not_open(sealed: Sealed, part: str) -> None:
    """One other bit in salt, nonce or ciphertext, and the right password is refused."""
    value: bytes = getattr(sealed, part)
    for place in (0, len(value) - 1):
        change = {part: value[:place] + bytes([value[place] ^ 1]) + value[place + 1 :]}
        with pytest.raises(LoginRefused):
            open_key(attrs.evolve(sealed, **change), PASSWORD, BOUND, "li.hua")  # type: ignore[arg-type]


@pytest.mark.parametrize("change", [{"passes": 3}, {"memory_kib": 19464}, {"lanes": 2}])
def test_the_cost_is_part_of_the_seal(sealed: Sealed, change: dict[str, int]) -> None:
    """Lowering the cost afterwards does not make the key open more cheaply."""
    with pytest.raises(LoginRefused):
        open_key(attrs.evolve(sealed, cost=attrs.evolve(CHEAP, **change)), PASSWORD, BOUND, "li.hua")


def test_a_seal_is_bound_to_its_owner(sealed: Sealed) -> None:
    """In another person's place, or for another public key, the seal does not open."""
    for bound in (BOUND.replace(b"li.hua", b"wang.wei"), BOUND[:-1] + b"\x01", b""):
        with pytest.raises(LoginRefused):
            open_key(sealed, PASSWORD, bound, "li.hua")


def test_no_two_seals_are_alike(sealed: Sealed) -> None:
    """The same key under the same password is sealed with fresh salt and nonce, and the key is not in it."""
    other = seal_key(SECRET, PASSWORD, BOUND, CHEAP)
    parts = {sealed.salt, other.salt, sealed.nonce, other.nonce, sealed.sealed, other.sealed}
    assert (6, {16}, {12}, {48}) == (
        len(parts), {len(sealed.salt), len(other.salt)}, {len(sealed.nonce)}, {len(sealed.sealed)},
    )  # fmt: skip
    assert SECRET not in sealed.sealed


@pytest.mark.parametrize("password", ["", "short", "x" * (SHORTEST_PASSWORD - 1), "zhang.sanfeng", "Zhang.SanFeng"])
def test_a_weak_password_is_refused(password: str) -> None:
    """Shorter than the archive allows, or the username in any case, is no password."""
    with pytest.raises(PasswordTooWeak) as refused:
        check_password("zhang.sanfeng", password)
    assert SHORTEST_PASSWORD == refused.value.shortest


@pytest.mark.parametrize("password", ["x" * SHORTEST_PASSWORD, "密码密码密码密码密码", "a b c d e f"])
def test_a_long_password_is_accepted(password: str) -> None:
    """Length counts in characters, of any script."""
    check_password("zhang.sanfeng", password)
    key = new_key("zhang.sanfeng", password, CHEAP)
    assert person_of(key) == unlock(person_of(key), password, Ring(key)).person


# -- the keyring ------------------------------------------------------------------------------------------------------


def test_an_unlocked_person_signs_with_the_enrolled_key(li: NewKey) -> None:
    """What the person signs verifies under the public key in the person's record, and under no other."""
    unlocked = unlock(person_of(li), PASSWORD, Ring(li))
    signature = unlocked.sign(b"message")
    assert [True, False, False] == [
        is_signed(li.public_key, signature, b"message"),
        is_signed(li.public_key, signature, b"another"),
        is_signed(public_key(SECRET), signature, b"message"),
    ]


@pytest.mark.parametrize(
    ("key", "signature"), [(b"", bytes(64)), (bytes(31), bytes(64)), (bytes(32), b""), (bytes(32), bytes(64))]
)
def test_what_is_no_key_or_signature_verifies_nothing(key: bytes, signature: bytes) -> None:
    """Ill-formed keys and signatures are simply not signed."""
    assert not is_signed(key, signature, b"message")


def test_swapped_keys_open_for_nobody(li: NewKey, wang: NewKey) -> None:
    """Somebody who may write keys.db cannot sign as another by moving his own sealed key there, same password or not."""
    swapped = Ring(attrs.evolve(li, sealed=wang.sealed), attrs.evolve(wang, sealed=li.sealed))
    renamed = Ring(attrs.evolve(wang, username="li.hua"))
    posing = Ring(attrs.evolve(wang, username="li.hua", public_key=li.public_key))
    for ring in (swapped, renamed, posing):
        with pytest.raises(LoginRefused):
            unlock(person_of(li), PASSWORD, ring)


def test_a_foreign_key_in_the_persons_place_does_not_open(li: NewKey) -> None:
    """A key the person enrolled elsewhere is not the one in the record in force."""
    other = new_key("li.hua", PASSWORD, CHEAP)
    with pytest.raises(LoginRefused):
        unlock(person_of(li), PASSWORD, Ring(other))
    assert li.public_key == unlock(person_of(li), PASSWORD, Ring(other, li)).person.public_key


def test_unknown_and_wrong_look_the_same(li: NewKey) -> None:
    """Without a key here, or with the wrong password, the same error says the same."""
    told = []
    for ring, password in ((Ring(), PASSWORD), (Ring(li), "not the password")):
        with pytest.raises(LoginRefused) as refused:
            unlock(person_of(li), password, ring)
        told.append(str(refused.value))
    assert told[0] == told[1]


def test_the_case_of_a_username_does_not_matter() -> None:
    """A key made for one spelling opens for another."""
    key = new_key("Li.Hua", PASSWORD, CHEAP)
    assert "li.hua" == key.username
    assert "LI.HUA" == unlock(person_of(key, "LI.HUA"), PASSWORD, Ring(key)).person.username


def test_a_weak_password_makes_no_key() -> None:
    """Nothing is sealed under a password that is refused."""
    with pytest.raises(PasswordTooWeak):
        new_key("li.hua", "short", CHEAP)
