"""
What each error says.
"""

import pickle
import re

import pytest
from support import Golden

from archive_core.errors import ArchiveError
from docs.reference import error_classes, families, variants


def test_every_message_is_as_kept(golden: Golden) -> None:
    """
    The class, code, sentence and hint of every error, once for each way it can be put, stand in one file.
    """
    told = [
        f"{cls.__name__}({cls.__bases__[0].__name__}) {cls.code}\n{error}\n-> {error.hint}\n"
        for cls in error_classes()
        for error in variants(cls)
    ]
    golden("tests/golden/error-messages.txt", "\n".join(told))


def test_codes_are_distinct_and_well_formed() -> None:
    """
    No two errors share a code, and a code is a family and a word.
    """
    codes = [cls.code for cls in error_classes()]
    assert sorted(set(codes)) == sorted(codes)
    assert [] == [code for code in codes if not re.fullmatch(r"[a-z]+\.[a-z_0-9]+", code)]


def test_every_error_belongs_to_a_family() -> None:
    """
    No error is raised as a bare ArchiveError, so that a script can catch a whole family.
    """
    assert [] == [cls for cls in error_classes() if not issubclass(cls, tuple(families()))]


@pytest.mark.parametrize("cls", error_classes(), ids=lambda cls: cls.__name__)
def test_errors_travel_between_processes(cls: type[ArchiveError]) -> None:
    """
    An error raised in a worker process arrives with its facts.
    """
    for error in variants(cls):
        arrived = pickle.loads(pickle.dumps(error))
        assert (type(error), str(error), error.hint) == (type(arrived), str(arrived), arrived.hint)
