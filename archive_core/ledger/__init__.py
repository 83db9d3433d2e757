"""
The append-only list: entries in, proofs out.

Order of durable writes: blobs are fsynced before; then one transaction holds entries, contents, tiles, index and
head; then the checkpoint is signed and stored in a second small transaction; then it is appended to every journal
and fsynced; only then is it shown to anyone. Restarting after a crash at any point goes through the same functions.

Promises: what `writing()` committed is durable and covered by the next checkpoint; a ledger that contradicts its
journal is never written to.
Must not know: record types, people, SQL. The store is handed in.
"""
