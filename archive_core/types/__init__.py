"""
Record types made usable: strict checks, conversion between content and objects, JSON Schema, validators.

Promises: nothing is coerced in silence (`'5'` is not 5, unknown keys are errors); every problem of a content is
reported at once, with its place, in Chinese and English.
Must not know: the ledger, people, files.
"""
