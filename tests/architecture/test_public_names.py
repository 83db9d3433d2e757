"""
The public surface: what it names, and what it costs to import.
"""

import ast
import subprocess
import sys
from importlib import import_module

from support import ROOT

import archive_core

HEAVY = {
    "argon2",
    "cattrs",
    "cryptography",
    "datasette",
    "openpyxl",
    "pluggy",
    "python_calamine",
    "sqlite3",
    "sqlite_utils",
}
PACKS = {"archive_parties", "archive_drug_trade", "archive_device_trade", "archive_after_sales", "archive_demo"}


def typed_imports() -> dict[str, str]:
    """
    Return the names that type checkers see, with the module each comes from.
    """
    source = ast.parse((ROOT / "archive_core" / "__init__.py").read_text(encoding="utf-8"))
    guarded = [node for node in source.body if isinstance(node, ast.If)]
    imports = [node for node in guarded[0].body if isinstance(node, ast.ImportFrom)]
    return {one.asname or one.name: node.module or "" for node in imports for one in node.names}


def loaded_by(program: str) -> set[str]:
    """
    Return the top-level modules that a fresh interpreter holds after a program.
    """
    told = (
        f"import sys\n{program}\nprint(*{{name.partition('.')[0] for name in sys.modules}}, sep='\\n', file=sys.stderr)"
    )
    outcome = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    return set(outcome.stderr.split())


def test_type_checkers_and_python_see_the_same_names() -> None:
    """
    `__all__` lists exactly the names that are imported for type checkers.
    """
    assert sorted(typed_imports()) == archive_core.__all__


def test_every_public_name_is_what_its_home_says() -> None:
    """
    Each public name is the object of that name in its module.
    """
    homes = typed_imports()
    for name in archive_core.__all__:
        assert getattr(import_module(homes[name]), name) is getattr(archive_core, name), name


def test_an_unknown_name_is_an_attribute_error() -> None:
    """
    A misspelt name fails as it does in any module.
    """
    assert not hasattr(archive_core, "Archiv")
    assert dir(archive_core) == archive_core.__all__


def test_importing_the_package_is_cheap() -> None:
    """
    `import archive_core` loads neither cryptography nor a database nor any pack.
    """
    assert set() == loaded_by("import archive_core") & (HEAVY | PACKS | {"attrs", "click"})


def test_help_is_cheap() -> None:
    """
    `archive --help` imports no plugin, no database and no cryptography.
    """
    program = "from archive_core.cli import main\nsys.argv = ['archive', '--help']\ntry:\n    main()\nexcept SystemExit:\n    pass"
    loaded = loaded_by(program)
    assert "click" in loaded
    assert set() == loaded & (HEAVY | PACKS)
