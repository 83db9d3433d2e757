"""
README and manual are true: their code runs, their links lead somewhere, the names they name exist.
"""

import re
from importlib import import_module
from pathlib import Path

import pytest
from manual import PAGES, document, names
from support import ROOT

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
NAME = re.compile(r"`(archive_core(?:\.\w+)+)`")
ENTRY_POINT_GROUPS = {"archive_core.commands"}
RUNNABLE = [page for page in PAGES if list(document(page).examples())]
MOST_IMAGE_BYTES = 300_000


@pytest.mark.parametrize("page", RUNNABLE, ids=names(RUNNABLE))
def test_examples_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Every block of Python or console on a page does what the page says, in order, in an empty folder.
    """
    monkeypatch.chdir(tmp_path)
    for variable in ("ARCHIVE_USER", "ARCHIVE_PASSWORD_FILE"):
        monkeypatch.delenv(variable, raising=False)
    for example in document(page).examples():
        example.evaluate()


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_links_lead_somewhere(page: Path) -> None:
    """
    Every link to a file of the project finds it.
    """
    targets = [link.partition("#")[0] for link in LINK.findall(page.read_text(encoding="utf-8"))]
    local = [target for target in targets if target and "://" not in target]
    assert [] == [target for target in local if not (page.parent / target).exists()]


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_names_exist(page: Path) -> None:
    """
    Every dotted name of the core in a page is a module of the core, or something in one.
    """
    named = set(NAME.findall(page.read_text(encoding="utf-8"))) - ENTRY_POINT_GROUPS
    assert set() == {name for name in named if not exists(name)}


def exists(name: str) -> bool:
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            found = getattr(found, part, None)
        return found is not None
    return False


def test_images_are_small() -> None:
    """
    No picture of the manual is larger than 300 kB.
    """
    assert [] == [image for image in (ROOT / "docs").rglob("*.png") if image.stat().st_size > MOST_IMAGE_BYTES]


def test_both_readmes_show_the_same_commands() -> None:
    """
    README.md and README.zh.md give the same blocks of commands and code, in the same order.
    """
    blocks = re.compile(r"^```(?:sh|console|python)\n.*?^```$", re.MULTILINE | re.DOTALL)
    english, chinese = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md"))
    assert blocks.findall(english) == blocks.findall(chinese)
