"""
A generated archive to look at: plausible trade of one distributor, seeded, and the command `archive demo`.

Promises: the same seed gives the same records; everything goes through the public API, as a user would do it.
Must not know: how anything is stored.
"""
