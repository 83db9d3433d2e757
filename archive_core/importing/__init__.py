"""
Legacy import: a spreadsheet from the old days becomes records that say where they came from.

What it is for: `suggest` a mapping from a file, `check` it, `run` it. A mapping is a TOML text people can read, compare
and keep.

Promises: check and run take the same path and differ only in the commit; every row ends in exactly one outcome and the
outcomes add up to the rows read; a value that cannot be read with certainty is a finding, never a guess; what was
changed on the way in is recorded beside the original; a run that was killed and run again ends in the same state.

The way of a file: `readers` (by its bytes; `text_table` with `encoding` and `dialect`, or `workbook`) -> `tables`
(where the titles stand) -> `plan` (bound to a `mapping` and a record type) -> row by row `draft` (cells to fields, by
`values`, `dates`, `numbers`) and `judge` (one outcome, asking the `shelf`) -> `run` (batches) -> `report`, `rejects`.

Must not know: how people are asked or shown anything (that is `cli`), SQL, or any particular record type.
"""
