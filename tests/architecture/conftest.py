"""
What the project is made of: the files under version control.
"""

import subprocess
from pathlib import Path

import pytest
from support import ROOT


@pytest.fixture(scope="session")
def tracked() -> list[Path]:
    """
    Every file under version control that is still there, relative to the top of the project.
    """
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()]
