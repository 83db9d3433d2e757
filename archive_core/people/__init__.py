"""
Persons as the archive knows them, and the keys they sign with.

Promises: a private key exists in the clear only inside `unlock`, after the right password; a wrong password and an
unknown username look the same; usernames are compared case-folded and never reissued.
Must not know: records of other types, sign-off steps.
"""
