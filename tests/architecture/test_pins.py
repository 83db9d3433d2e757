"""
One set of versions for everybody, and no word about where they are fetched from.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

from support import ROOT

LOCK = ROOT / "requirements.lock"
# Spelt in pieces, so that this file does not contain what it looks for.
INDEX = re.compile(
    rb"py" rb"pi\.(org|python)|python" rb"hosted\.org|/simp" rb"le/?[\s\"']|extra-index" rb"-url", re.IGNORECASE
)
PIN = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[^ ;\\]+)")


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pins(lines: list[str]) -> dict[str, str]:
    """
    Return versions by name; every line must be an exact pin.
    """
    found = [PIN.match(line) for line in lines]
    return {match["name"]: match["version"] for match in found if match}


def locked() -> list[list[str]]:
    """
    Return the entries of requirements.lock: a pin followed by its digests.
    """
    joined = LOCK.read_text(encoding="utf-8").replace("\\\n", " ")
    return [line.split() for line in joined.splitlines() if line]


def test_each_constraint_is_one_exact_version() -> None:
    """
    Constraints are sorted, name each library once, and allow a single version.
    """
    for table in ("constraint-dependencies", "build-constraint-dependencies"):
        lines = project()["tool"]["uv"][table]
        assert sorted(pins(lines)) == list(pins(lines))
        assert [f"{name}=={version}" for name, version in pins(lines).items()] == lines


def test_the_hashed_file_agrees_with_the_constraints() -> None:
    """
    requirements.lock holds a version only where the constraints hold the same one.
    """
    constraints = pins(project()["tool"]["uv"]["constraint-dependencies"])
    hashed = pins([entry[0] for entry in locked()])
    assert hashed == {name: constraints.get(name) for name in hashed}


def test_every_locked_version_has_digests() -> None:
    """
    Each entry of requirements.lock carries at least one SHA-256 digest, so that pip checks what it receives.
    """
    bare = [
        entry[0] for entry in locked() if not any(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", part) for part in entry)
    ]
    assert [] == bare


def test_every_declared_dependency_is_pinned() -> None:
    """
    What the core and the development tools ask for is in the constraints, and the core's part in requirements.lock too.
    """
    declared = project()
    names = re.compile(r"[a-z0-9-]+")
    runtime = {names.match(line)[0] for line in declared["project"]["dependencies"]}  # type: ignore[index]
    tools = {names.match(line)[0] for line in declared["dependency-groups"]["dev"]}  # type: ignore[index]
    assert set() == (runtime | tools) - set(pins(declared["tool"]["uv"]["constraint-dependencies"]))
    assert set() == runtime - set(pins([entry[0] for entry in locked()]))


def test_no_tracked_file_names_a_package_index(tracked: list[Path]) -> None:
    """
    Which index or mirror serves the libraries is the user's business, so no file names one; no lock file is tracked.
    """
    assert Path("uv.lock") not in tracked
    assert [] == [path for path in tracked if INDEX.search((ROOT / path).read_bytes())]
