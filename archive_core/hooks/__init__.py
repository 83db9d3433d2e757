"""
The door for plugins: hook specifications, loading with all its refusals, and the registry of what plugins brought.

Promises: a misspelt hook, a plugin that fails to import, or two plugins that claim one type name stop the start and
are named; after loading the registry is frozen; a rule that raises refuses the record in its plugin's name.
Must not know: the ledger, people, files of an archive (the folder of local plugins is handed in).
"""
