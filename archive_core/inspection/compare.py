"""
Is a room what the ledger says? Compared table by table with one that was just built.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

NOT_OF_THE_LEDGER = ("built_at", "verification")
_SHADOWS = "record_fts"


def differing_tables(room: Path, fresh: Path) -> tuple[str, ...]:
    """
    Return the names of the tables in which two rooms differ; the time of building and the last verification aside.

    The search index is compared by its vocabulary: every word, in how many records, how often.
    """
    with closing(sqlite3.connect(room)) as db:
        db.execute("attach ? as fresh", (str(fresh),))
        names = _tables(db, "main") | _tables(db, "fresh")
        found = [name for name in sorted(names) if _differs(db, name)]
        return (*found, *_broken_index(db))


def _tables(db: sqlite3.Connection, where: str) -> set[str]:
    rows = db.execute(f"select name from {where}.sqlite_master where type = 'table'")
    return {name for (name,) in rows if not name.startswith(("sqlite_", _SHADOWS))}


def _differs(db: sqlite3.Connection, table: str) -> bool:
    where = f" where name not in {NOT_OF_THE_LEDGER}" if table == "meta" else ""
    ours, theirs = f'select * from main."{table}"{where}', f'select * from fresh."{table}"{where}'
    try:
        sql = f"select exists({ours} except {theirs}) or exists({theirs} except {ours})"
        return bool(db.execute(sql).fetchone()[0])
    except sqlite3.OperationalError:
        return True


def _broken_index(db: sqlite3.Connection) -> list[str]:
    """Return the index's name where its vocabulary is not that of the fresh one."""
    db.execute("create virtual table temp.ours using fts5vocab(main, record_fts, row)")
    db.execute("create virtual table temp.theirs using fts5vocab(fresh, record_fts, row)")
    sql = "select exists(select * from temp.ours except select * from temp.theirs)"
    sql += " or exists(select * from temp.theirs except select * from temp.ours)"
    return [_SHADOWS] if db.execute(sql).fetchone()[0] else []
