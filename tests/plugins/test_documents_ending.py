"""
What falls due about a purchaser: the newest document of each kind, while trade goes on.
"""

from datetime import date

import pytest
from archive_parties.purchaser import PurchaserFile, QualificationDocument, documents_ending


def licence(
    until: date | None, *, number: str = "浙杭药监械经营许20235755号", long_term: bool | None = None
) -> QualificationDocument:
    return QualificationDocument(doc_type="device_licence", doc_no=number, valid_to=until, long_term=long_term)


def purchaser(*documents: QualificationDocument, status: str = "active", ended_on: date | None = None) -> PurchaserFile:
    return PurchaserFile(purchaser_no="X", status=status, documents=documents, ended_on=ended_on)


def test_the_newest_document_of_a_kind_counts() -> None:
    """
    A renewed licence takes the place of the one that ended.
    """
    found = list(documents_ending(purchaser(licence(date(2024, 1, 31)), licence(date(2029, 1, 31)))))
    assert [(one.what, one.day, one.zh, one.en) for one in found] == [
        ("device_licence", date(2029, 1, 31), "医疗器械经营许可证到期", "Device trading licence ends")
    ]


@pytest.mark.parametrize(
    "file",
    [
        purchaser(licence(None, long_term=True), licence(date(2024, 1, 31))),
        purchaser(licence(date(2024, 1, 31)), status="stopped"),
        purchaser(licence(date(2024, 1, 31)), ended_on=date(2025, 1, 1)),
        purchaser(),
    ],
    ids=["long-term", "stopped", "ended", "no documents"],
)
def test_nothing_falls_due_where_no_renewal_is_needed(file: PurchaserFile) -> None:
    """
    A document without end, a stopped or ended trade, and a file without documents have no date.
    """
    assert list(documents_ending(file)) == []
