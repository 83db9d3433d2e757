"""
The keyring: enrols signing keys and unlocks them with a password.
"""

from collections.abc import Sequence
from typing import Protocol

import attrs

from archive_core.errors import LoginRefused
from archive_core.ledger.keys import Sign, new_private_key, public_key, signer
from archive_core.people.persons import Person
from archive_core.people.sealing import Cost, Sealed, check_password, open_key, seal_key


@attrs.frozen
class Unlocked:
    """
    A person who has just proved who they are, and the door through which their key signs.
    """

    person: Person
    sign: Sign


@attrs.frozen
class NewKey:
    """
    A freshly made key: its public half, and the sealed private half, to be stored under the person's record number.
    """

    username: str
    public_key: bytes
    sealed: Sealed


class SealedKeys(Protocol):
    """
    Where sealed keys are kept.
    """

    def add(self, person: int, key: NewKey) -> None: ...
    def of(self, username: str) -> Sequence[NewKey]: ...


def new_key(username: str, password: str, cost: Cost) -> NewKey:
    """
    Make a signing key and seal it with a password.

    Raises:
        PasswordTooWeak: see `check_password`.
    """
    check_password(username, password)
    private = new_private_key()
    public = public_key(private)
    return NewKey(username.casefold(), public, seal_key(private, password, _bound(username, public), cost))


def unlock(person: Person, password: str, keys: SealedKeys) -> Unlocked:
    """
    Prove a person's identity by password and return their signing door.

    Raises:
        LoginRefused: wrong password, or no key of this person is kept here.
    """
    for key in keys.of(person.username):
        if key.public_key == person.public_key:
            private = open_key(key.sealed, password, _bound(person.username, key.public_key), person.username)
            return Unlocked(person, signer(private))
    raise LoginRefused(person.username)


def _bound(username: str, public: bytes) -> bytes:
    return b"archive-core/sealed-key/1\n" + username.casefold().encode() + b"\n" + public
