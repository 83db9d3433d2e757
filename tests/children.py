"""
Child processes of tests: real Python, told what to do as text, some without the rights of root.
"""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from support import ROOT

# Root may do anything, so a test of rights lays them down first; elsewhere the ordinary user has none to lay down.
GIVE_UP_RIGHTS = """
def give_up_rights():
    import os
    if os.geteuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
"""


def run_child(code: str, *arguments: object, environment: Mapping[str, str] | None = None) -> str:
    """
    Run Python code in a process of its own; return what it printed, fail if it failed.
    """
    with start_child(code, *arguments, environment=environment) as child:
        printed, complaints = child.communicate(timeout=120)
    assert 0 == child.returncode, complaints
    return printed


def start_child(code: str, *arguments: object, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """
    Start Python code in a process of its own, its input, output and complaints on pipes.
    """
    return subprocess.Popen(
        [sys.executable, "-c", GIVE_UP_RIGHTS + code, *map(str, arguments)],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **(environment or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def line_of(child: subprocess.Popen[str]) -> str:
    """
    Return the next line a child prints, empty when it ended.
    """
    assert child.stdout is not None
    return child.stdout.readline().rstrip("\n")


def end(child: subprocess.Popen[str]) -> None:
    """
    Let a child that waits for input go on to its end.
    """
    _, complaints = child.communicate("\n", timeout=60)
    assert 0 == child.returncode, complaints


def python_path(*folders: Path) -> dict[str, str]:
    return {"PYTHONPATH": ":".join(map(str, (*folders, ROOT)))}
