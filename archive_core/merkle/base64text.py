"""
Base64 as notes and checkpoints use it: the standard alphabet, padded, one spelling per value.
"""

from base64 import b64decode, b64encode

__all__ = ["decode_base64", "encode_base64"]


def encode_base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def decode_base64(text: str) -> bytes:
    """
    Return the bytes that `encode_base64` writes as exactly this text.

    Raises:
        ValueError: foreign characters, wrong padding, or spare bits that are not zero (several spellings of one value
            would let a signed text be altered without its signature noticing).
    """
    data = b64decode(text, validate=True)
    if encode_base64(data) != text:
        raise ValueError("the last character has spare bits that are not zero")
    return data
