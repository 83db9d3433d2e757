"""
Ed25519 as the ledger uses it: 32-byte private seeds and public keys, 64-byte signatures (RFC 8032).
"""

from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

Sign = Callable[[bytes], bytes]


def new_private_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes_raw()


def public_key(private: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def signer(private: bytes) -> Sign:
    """
    Return the door through which a key signs; a key held elsewhere (PKCS#11, KMS) offers the same door.
    """
    return Ed25519PrivateKey.from_private_bytes(private).sign


def is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
