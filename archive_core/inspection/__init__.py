"""
The reading rooms: what inspectors and staff look at.

What it is for: a projector turns the ledger into one disposable SQLite file per profile, and a Datasette application
shows that file: search, lists, records with their versions and sign-offs, what is due, how to verify.

Promises: a room is a function of the ledger, so an incremental catch-up and a rebuild give equal files; what a profile
masks is not in its file; nobody reads without a login and nothing is shown before the reading is recorded; every page
is read-only and speaks zh and en.

Must not know: how entries are appended, signed or hashed. It reads the archive through its public views and writes
nothing but its own files: `room/<profile>.db` and `access.db`.
"""
