"""
The only room that speaks SQL and knows files: the ledger store, keys, blobs, the journal, the folder.

Promises: what a transaction wrote is durable when it returns (SQLite WAL, synchronous=FULL), or nothing of it is
there; entries, tiles and checkpoints can be inserted, never changed; a file of a newer format is refused before
anything is read from it. Must not know: record types, people, sign-off rules. The index applies
`archive_core.model.lifecycle` to what the entries say.
"""
