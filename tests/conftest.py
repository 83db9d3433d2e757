"""
What all tests share: a clock that the test moves, and a founded archive to work on.
"""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from support import (
    BOSS,
    BOSS_ROLES,
    CHEAP,
    LOCAL_PLUGIN,
    PASSWORD,
    QA1,
    QA2,
    ROOT,
    SHARED,
    STAFF,
    STAFF_ROLES,
    Golden,
    TestClock,
)

from archive_core import Archive, Founder

__all__ = ["SHARED"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden-update", action="store_true", help="write golden files and schemas anew")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """
    Compare a text with the file of a path relative to the top of the project; with --golden-update write it first.
    """

    def compare(path: str, text: str) -> None:
        kept = ROOT / path
        if request.config.getoption("--golden-update"):
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(text, encoding="utf-8")
        known = kept.read_text(encoding="utf-8") if kept.exists() else f"{path} does not exist: pytest --golden-update"
        assert known == text

    return compare


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """
    An archive with two QA persons, a member of staff and a responsible person; all types in force.
    """
    path = tmp_path_factory.mktemp("template") / "archive"
    founder = Founder(username=QA1, name_zh="李华", name_en="Li Hua")
    with Archive.init(
        path, name="测试档案", origin="archive.example/tests", founder=founder, password=PASSWORD, cost=CHEAP,
        clock=TestClock(),
    ) as archive:  # fmt: skip
        archive.add_person(QA2, name_zh="王伟", name_en="Wang Wei", roles=["qa"], password=PASSWORD)
        archive.add_person(STAFF, name_zh="张三", name_en="Zhang San", roles=list(STAFF_ROLES), password=PASSWORD)
        archive.add_person(BOSS, name_zh="赵敏", name_en="Zhao Min", roles=list(BOSS_ROLES), password=PASSWORD)
    (path / "plugins" / "visits.py").write_text(LOCAL_PLUGIN, encoding="utf-8")
    clock = TestClock()
    clock.now += timedelta(hours=1)
    with Archive.open(path, user=QA1, password=PASSWORD, clock=clock) as archive:
        (captured,) = archive.register_types("visit_note")
        archive.login(QA2, PASSWORD)
        archive.sign(captured.record)
    return path


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """
    A copy of the template, the test's own.
    """
    return Path(shutil.copytree(template, tmp_path / "archive"))


@pytest.fixture
def open_as(folder: Path, clock: TestClock) -> Iterator[Callable[[str | None], Archive]]:
    """
    Open the test's archive for a person, or for nobody; closed at the end.
    """
    clock.now += timedelta(hours=2)
    opened: list[Archive] = []

    def open_archive(user: str | None = None) -> Archive:
        opened.append(Archive.open(folder, user=user, password=PASSWORD, clock=clock))
        return opened[-1]

    yield open_archive
    for archive in opened:
        archive.close()
