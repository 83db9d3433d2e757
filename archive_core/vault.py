"""
The vault: `keys.db` as the rest of the archive sees it. It seals people's keys, and lends the ledger's key to sign
checkpoints.
"""

from functools import cached_property

from archive_core.ledger.keys import Sign, new_private_key, public_key, signer
from archive_core.merkle.note import NoteKey
from archive_core.people.keyring import NewKey, Unlocked, unlock
from archive_core.people.persons import Person
from archive_core.people.sealing import Cost, Sealed
from archive_core.store.key_store import KeyStore, SealedKey


class Vault:
    """
    Implements `archive_core.people.keyring.SealedKeys`; `origin` names the key that signs checkpoints.
    """

    def __init__(self, store: KeyStore, origin: str) -> None:
        self._store = store
        self._origin = origin

    def make_checkpoint_key(self) -> NoteKey:
        """
        Make the ledger's own key, once, when the archive is founded; return its public half.
        """
        private = new_private_key()
        self._store.put_ledger_key(self._origin, private)
        return NoteKey(self._origin, public_key(private))

    @cached_property
    def checkpoint_key(self) -> tuple[NoteKey, Sign]:
        """
        The public half of the ledger's key, and the door through which it signs.
        """
        private = self._store.ledger_key(self._origin)
        return NoteKey(self._origin, public_key(private)), signer(private)

    def unlock(self, person: Person, password: str) -> Unlocked:
        """
        Prove a person's identity by password.

        Raises:
            LoginRefused: wrong password, or no key of this person is kept here.
        """
        return unlock(person, password, self)

    def add(self, person: int, key: NewKey) -> None:
        cost = key.sealed.cost
        self._store.put_sealed(
            SealedKey(
                person=person,
                username=key.username,
                public_key=key.public_key,
                memory_kib=cost.memory_kib,
                passes=cost.passes,
                lanes=cost.lanes,
                salt=key.sealed.salt,
                nonce=key.sealed.nonce,
                sealed=key.sealed.sealed,
            )
        )

    def of(self, username: str) -> list[NewKey]:
        return [_new_key(kept) for kept in self._store.sealed(username)]


def _new_key(kept: SealedKey) -> NewKey:
    cost = Cost(memory_kib=kept.memory_kib, passes=kept.passes, lanes=kept.lanes)
    return NewKey(
        kept.username,
        kept.public_key,
        Sealed(cost=cost, salt=kept.salt, nonce=kept.nonce, sealed=kept.sealed),
    )
