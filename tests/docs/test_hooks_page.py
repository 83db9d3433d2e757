"""
The plugin that docs/hooks.md shows is one that works.
"""

import re
from pathlib import Path

import pytest
from support import PASSWORD, QA1, QA2, ROOT, TestClock

from archive_core import Archive
from archive_core.errors import ContentRefused

EXAMPLE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def with_example(folder: Path, clock: TestClock) -> Path:
    """
    The test archive with the plugin of the page in its folder, registered and signed.
    """
    (plugin,) = EXAMPLE.findall((ROOT / "docs" / "hooks.md").read_text(encoding="utf-8"))
    (folder / "plugins" / "temperature.py").write_text(f'"""From the manual."""\n\n{plugin}', encoding="utf-8")
    clock.now = clock.now.replace(hour=5)
    with Archive.open(folder, user=QA1, password=PASSWORD, clock=clock) as archive:
        (captured,) = archive.register_types("temperature_check")
        archive.login(QA2, PASSWORD)
        archive.sign(captured.record)
    return folder


def test_the_example_takes_a_good_record(with_example: Path, clock: TestClock) -> None:
    """
    A check of today is captured and found again.
    """
    with Archive.open(with_example, user=QA1, password=PASSWORD, clock=clock) as archive:
        captured = archive.capture("temperature_check", {"check_no": "T-1", "checked_on": "2026-11-21"})
        assert captured.record == archive.find("temperature_check", "T-1")


def test_the_example_refuses_the_future(with_example: Path, clock: TestClock) -> None:
    """
    Its rule across records refuses a check that lies in the future.
    """
    with (
        Archive.open(with_example, user=QA1, password=PASSWORD, clock=clock) as archive,
        pytest.raises(ContentRefused) as refusal,
    ):
        archive.capture("temperature_check", {"check_no": "T-2", "checked_on": "2026-12-24"})
    assert ("$.checked_on: a check cannot lie in the future [temperature.future]",) == refusal.value.findings
