from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from ledgers import open_store
from store_contract import StoreContract

from archive_core.ledger.contract import Store
from archive_core.store.ledger_store import SqliteLedgerStore


class TestSqliteLedgerStore(StoreContract):
    """The one store there is."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        made = open_store(tmp_path)
        yield made
        made.close()

    def reopened(self, store: Store) -> Store:
        return open_store(cast(SqliteLedgerStore, store).path.parent)
