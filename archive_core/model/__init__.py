"""
The nouns: record types and their fields, entries of the ledger, steps, retention rules, findings.

Promises: frozen values without I/O; everything a definition says can be written as JSON and read back, so that a
record stays readable without the plugin that once brought its type.
Must not know: SQL, files, the command line, plugins, Datasette.
"""
