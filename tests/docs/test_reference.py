"""
Commands, errors, hooks and words: nothing undocumented, nothing documented that is not there.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from support import ROOT

from archive_core.errors import ArchiveError
from docs.reference import commands, error_classes, hooks, signature, variants

GENERATED = ["docs/cli.md", "docs/errors.md", "docs/hooks.md"]
CALLED = re.compile(r"\barchive (?:-C \S+ )?((?:[a-z]+ ?)+)((?:[^;,]*?--[a-z-]+)*)")


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def test_generated_pages_are_up_to_date() -> None:
    """
    The reference pages are what the code says today; `uv run cog -r -I . docs/*.md` writes them.
    """
    cog = Path(sys.executable).with_name("cog")
    outcome = subprocess.run(
        [str(cog), "--check", "--diff", "-I", ".", *GENERATED], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert 0 == outcome.returncode, outcome.stdout


def test_every_command_is_documented() -> None:
    """
    Each command has a heading in docs/cli.md.
    """
    headings = set(re.findall(r"^##+ (archive .*)$", page("cli.md"), re.MULTILINE))
    assert headings == {name for name, _ in commands()} - {"archive"}


def test_every_error_code_is_documented() -> None:
    """
    Each error code has a heading in docs/errors.md.
    """
    headings = set(re.findall(r"^### (.*)$", page("errors.md"), re.MULTILINE))
    assert headings == {cls.code for cls in error_classes()}


def test_every_hook_is_documented_with_its_signature() -> None:
    """
    Each hook has a heading in docs/hooks.md and its exact definition below it.
    """
    text = page("hooks.md")
    for name, function in hooks().items():
        assert f"## {name}\n\n```text\n{signature(function)}\n```" in text


@pytest.mark.parametrize("cls", error_classes(), ids=lambda cls: cls.__name__)
def test_hints_name_commands_that_exist(cls: type[ArchiveError]) -> None:
    """
    A hint that gives a command gives one that can be typed, with options it has.
    """
    known = {name: context.command for name, context in commands()}
    for error in variants(cls):
        for words, rest in CALLED.findall(error.hint):
            told = f"archive {words}".split()
            longest = next((n for n in range(len(told), 1, -1) if " ".join(told[:n]) in known), 0)
            assert longest, f"{cls.__name__} names {' '.join(told)}"
            options = {flag for param in known[" ".join(told[:longest])].params for flag in param.opts}
            assert set() == set(re.findall(r"--[a-z-]+", rest)) - options
