"""
Search without a server: the same index and the same query as the reading room's.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from archive_core.inspection.rows import kind_word
from archive_core.inspection.search import match_query

_FOUND = (
    "select r.record, r.type, r.key, r.title, r.state, r.version from record_fts f"
    " cross join records r on r.record = f.rowid where record_fts match ? order by f.rowid desc limit ?"
)


def find_records(path: Path, words: str, *, type_name: str = "", limit: int) -> list[dict[str, Any]]:
    """Return record, type, key, title, state and version of the newest records that have all the words."""
    sought = match_query(words)
    if type_name:
        sought = f'({sought}) AND kind : "{kind_word(type_name)}"'
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(_FOUND, (sought, limit))]
