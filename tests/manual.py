"""
The pages of the manual, and how the code in them is run.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE
from fnmatch import fnmatchcase
from pathlib import Path

from support import ROOT
from sybil import Document, Example
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

PAGES = [ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMAND = "$ "
ENDED = re.compile(r"\[exit (\d)\]")


def names(pages: list[Path]) -> list[str]:
    return [str(page.relative_to(ROOT)) for page in pages]


class ConsoleParser(CodeBlockParser):
    """
    Runs blocks marked `console`: after each `$ command` stands what it prints, `...` for any text, `[exit N]` if not 0.
    """

    language = "console"

    def evaluate(self, example: Example) -> str | None:
        told = [_run(command) for command, _ in _turns(str(example.parsed))]
        wanted = [expected for _, expected in _turns(str(example.parsed))]
        misses = [pair for pair in zip(wanted, told, strict=True) if not _matches(*pair)]
        return "\n\n".join(f"expected:\n{expected}\ngot:\n{got}" for expected, got in misses) or None


def _turns(text: str) -> Iterator[tuple[str, str]]:
    for turn in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = turn.partition("\n")
        yield command, output.strip()


def _run(command: str) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    outcome = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=False, env={**os.environ, "PATH": path}
    )
    ended = f"\n[exit {outcome.returncode}]" if outcome.returncode else ""
    return f"{outcome.stdout.strip()}\n{outcome.stderr.strip()}".strip() + ended


def _matches(expected: str, got: str) -> bool:
    pattern = re.sub(r"([\[\]?*])", r"[\1]", expected).replace("...", "*")
    return fnmatchcase(got, pattern)


def document(page: Path) -> Document:
    """
    Return a page with its runnable blocks found; blocks of one page share their names.
    """
    python = PythonCodeBlockParser(doctest_optionflags=ELLIPSIS | NORMALIZE_WHITESPACE)
    return Document.parse(str(page), python, ConsoleParser())
