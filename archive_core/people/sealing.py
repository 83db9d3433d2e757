"""
Sealing of private keys: the password, stretched by argon2id (RFC 9106), opens AES-256-GCM; opening is the password
check.

The sealed text is bound to username and public key (associated data), so one person's sealed key cannot be put in
another's place.
"""

import secrets

import attrs
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from archive_core.errors import LoginRefused, PasswordTooWeak

SHORTEST_PASSWORD = 10


@attrs.frozen(kw_only=True)
class Cost:
    """
    Argon2id cost: memory in KiB, passes, lanes.
    """

    memory_kib: int
    passes: int
    lanes: int


@attrs.frozen(kw_only=True)
class Sealed:
    """
    A sealed 32-byte private key: 16-byte argon2 salt, 12-byte nonce, ciphertext with tag.
    """

    cost: Cost
    salt: bytes
    nonce: bytes
    sealed: bytes


def check_password(username: str, password: str) -> None:
    """
    Refuse a password that is too short, or the username.

    Raises:
        PasswordTooWeak: as said.
    """
    if len(password) < SHORTEST_PASSWORD or password.casefold() == username.casefold():
        raise PasswordTooWeak(SHORTEST_PASSWORD)


def seal_key(private: bytes, password: str, bound_to: bytes, cost: Cost) -> Sealed:
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    sealed = AESGCM(_stretch(password, salt, cost)).encrypt(nonce, private, bound_to)
    return Sealed(cost=cost, salt=salt, nonce=nonce, sealed=sealed)


def open_key(sealed: Sealed, password: str, bound_to: bytes, username: str) -> bytes:
    """
    Return the private key.

    Raises:
        LoginRefused: the password is wrong, or the sealed key was tampered with.
    """
    try:
        return AESGCM(_stretch(password, sealed.salt, sealed.cost)).decrypt(sealed.nonce, sealed.sealed, bound_to)
    except InvalidTag:
        raise LoginRefused(username) from None


def _stretch(password: str, salt: bytes, cost: Cost) -> bytes:
    return hash_secret_raw(
        password.encode(),
        salt,
        time_cost=cost.passes,
        memory_cost=cost.memory_kib,
        parallelism=cost.lanes,
        hash_len=32,
        type=Type.ID,
    )
