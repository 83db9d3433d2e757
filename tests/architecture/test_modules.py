"""
Every module says what it is for, stays short, and keeps to its side of the walls.
"""

import ast
import subprocess
import sys
from pathlib import Path

from support import ROOT

import archive_core

LONGEST = 450
# Lists of many small things of one kind, which people search rather than read.
CATALOGUES = {Path("archive_core/errors.py"), Path("archive_core/archive.py")}
# Drives imports and reading rooms as the commands do; these have no public names yet.
BEHIND_THE_DOOR = {Path("plugins/demo/archive_demo/inside.py")}


def modules(tracked: list[Path]) -> list[Path]:
    return [path for path in tracked if path.suffix == ".py"]


def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def foreign_imports(path: Path) -> list[str]:
    """
    Return the imports of archive_core in a file that do not ask for a public name.
    """
    found: list[str] = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found += [one.name for one in node.names if one.name.startswith("archive_core.")]
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("archive_core."):
            found.append(node.module or "")
        if isinstance(node, ast.ImportFrom) and node.module == "archive_core":
            found += [one.name for one in node.names if one.name not in archive_core.__all__]
    return found


def test_layers_hold() -> None:
    """
    Imports point downwards, and the pure core touches no technology.
    """
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo"]
    outcome = subprocess.run([*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (0, "") == (outcome.returncode, outcome.stderr), outcome.stdout


def test_every_module_says_what_it_is_for(tracked: list[Path]) -> None:
    """
    Each Python file outside the tests opens with a docstring.
    """
    ours = [path for path in modules(tracked) if path.parts[0] != "tests"]
    silent = [path for path in ours if not ast.get_docstring(tree(path))]
    assert [] == silent


def test_no_module_is_too_long_to_read(tracked: list[Path]) -> None:
    """
    No Python file outside the tests is longer than 450 lines, except two catalogues.
    """
    ours = [path for path in modules(tracked) if path.parts[0] != "tests"]
    lengths = {path: len((ROOT / path).read_bytes().splitlines()) for path in ours}
    assert {} == {path: lines for path, lines in lengths.items() if lines > LONGEST and path not in CATALOGUES}


def test_no_assert_is_shipped(tracked: list[Path]) -> None:
    """
    `python -O` removes assert statements, so nothing that is installed relies on one.
    """
    shipped = [path for path in modules(tracked) if path.parts[0] in {"archive_core", "plugins"}]
    asserting = [path for path in shipped if any(isinstance(node, ast.Assert) for node in ast.walk(tree(path)))]
    assert [] == asserting


def test_plugins_use_the_strangers_door(tracked: list[Path]) -> None:
    """
    First-party packs import nothing from the core but its public names, save one module of the demo.
    """
    ours = [path for path in modules(tracked) if path.parts[0] == "plugins"]
    assert BEHIND_THE_DOOR >= {path for path in ours if foreign_imports(path)}
