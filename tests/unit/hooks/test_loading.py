"""
Plugins as strangers write them: real files in a folder, and a real distribution found through its entry point.
"""

import json
import sys
from ast import literal_eval
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from children import python_path, run_child

from archive_core.errors import (
    HookUnknown,
    PluginError,
    PluginFailed,
    RuleFailed,
    TypeClaimedTwice,
    TypeMalformed,
    UnknownRecordType,
)
from archive_core.hooks.manager import LOCAL, Origin, load_plugins
from archive_core.hooks.registry import Registry
from archive_core.model.proposed import Kept, Proposed, Reader
from archive_core.model.values import Ref
from archive_core.types.builtin import BUILTIN

HEAD = """
from archive_core import Finding, Permanent, Proposed, Reader, hookimpl, record_type, text
"""
TYPE = """
@record_type("{name}", version=1, zh="样", en="S", key="number", sign_off=[], retention=Permanent())
class {cls}:
    number: str = text(zh="编号", en="Number")
"""
BRING = """
@hookimpl
def archive_record_types():
    return [{classes}]
"""
RULE = """
@hookimpl
def archive_check(proposed):
    {body}
"""


class NoRecords(Reader):
    """A reader of an empty archive."""

    def in_force(self, type_name: str, key: str) -> Kept | None:  # noqa: ARG002 - nothing is there
        return None

    def resolve(self, reference: Ref) -> Kept | None:  # noqa: ARG002 - nothing is there
        return None


@pytest.fixture
def plugins(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("archive_core_local_")]:
        del sys.modules[name]


def write(folder: Path, name: str, *parts: str) -> None:
    (folder / f"{name}.py").write_text(HEAD + "\n".join(parts), encoding="utf-8")


def a_type(name: str, cls: str = "Sample") -> str:
    return TYPE.format(name=name, cls=cls) + BRING.format(classes=cls)


def finding(rule: str) -> str:
    return f'return [Finding(rule="{rule}", path="$", zh="z", en="e")]'


def proposed(registry: Registry, name: str = "sample") -> Proposed:
    return Proposed(
        record_type=registry.installed(name).record_type, value=None, fields={}, key="k", day=date(2026, 11, 21)
    )


# -- what is found ----------------------------------------------------------------------------------------------------


def test_the_archives_own_types_need_no_plugin() -> None:
    """Built-in types come from the core, under its own name and version."""
    registry = Registry.load()
    names = {cls.__archive_type__.name for cls in BUILTIN}  # type: ignore[attr-defined]
    origins = {registry.installed(name).origin.distribution for name in names}
    assert {"archive-core"} == origins


def test_packs_come_in_through_their_entry_points() -> None:
    """The packs of the workspace are found as a stranger's would be, each under its distribution."""
    origin = Registry.load().installed("drug_sales_record").origin
    assert "archive-drug-trade" == origin.distribution


def test_a_file_in_the_archives_folder_is_a_plugin(plugins: Path) -> None:
    """A type in a local file is there, its origin says so, and its source has a digest."""
    write(plugins, "ours", a_type("sample"))
    installed = Registry.load(plugins).installed("sample")
    assert ("ours", LOCAL, 64) == (installed.plugin, installed.origin, len(installed.source_sha256))
    assert "sample" == json.loads(installed.definition)["name"]


def test_a_definition_digest_changes_with_the_declaration(plugins: Path) -> None:
    """Definition and source are told apart by their digests, each time the file changes."""
    digests = set()
    for label in ("样", "样品"):
        write(plugins, "ours", a_type("sample").replace("样", label))
        installed = Registry.load(plugins).installed("sample")
        digests |= {installed.definition_sha256}
    assert 2 == len(digests)


def test_other_files_are_no_plugins(plugins: Path) -> None:
    """Only Python files are read; a missing folder is an empty one."""
    for name in ("readme.txt", "data.json", "x.py.bak"):
        (plugins / name).write_text("this is not Python (")
    (plugins / "folder").mkdir()
    assert set(Registry.load().types) == set(Registry.load(plugins).types) == set(Registry.load(plugins / "gone").types)


def test_types_are_sorted_by_name(plugins: Path) -> None:
    """The order in which plugins bring their types does not show."""
    write(
        plugins, "one", TYPE.format(name="zz", cls="Z"), TYPE.format(name="aa", cls="A"), BRING.format(classes="Z, A")
    )
    names = list(Registry.load(plugins).types)
    assert sorted(names) == names


def test_the_registry_is_frozen(plugins: Path) -> None:
    """After loading nothing can be added or taken away."""
    types: Any = Registry.load(plugins).types
    with pytest.raises(TypeError):
        types["sample"] = None


def test_an_unknown_type_is_told_with_the_nearest_name(plugins: Path) -> None:
    """Asking for a type that nobody brings names the one that was probably meant."""
    write(plugins, "ours", a_type("visit_note"))
    with pytest.raises(UnknownRecordType) as refused:
        Registry.load(plugins).installed("visit_notes")
    assert ("visit_notes", "visit_note") == (refused.value.name, refused.value.nearest)


def test_a_usable_type_is_made_once(plugins: Path) -> None:
    """Building a checker costs; asking again gives the same one."""
    write(plugins, "ours", a_type("sample"))
    registry = Registry.load(plugins)
    assert registry.usable("sample") is registry.usable("sample")


# -- what stops the start ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hook", "nearest"),
    [
        ("archive_record_type", "archive_record_types"),
        ("archive_recordtypes", "archive_record_types"),
        ("archive_chekc", "archive_check"),
        ("archive_something_else_entirely", ""),
        ("check", ""),
    ],
)
def test_a_misspelt_hook_stops_the_start(plugins: Path, hook: str, nearest: str) -> None:
    """A function marked as a hook that does not exist is named, with the hook that was probably meant."""
    write(plugins, "ours", f"@hookimpl\ndef {hook}():\n    return []")
    with pytest.raises(HookUnknown) as refused:
        load_plugins(plugins)
    assert ("ours", hook) == (refused.value.plugin, refused.value.hook)
    assert nearest in {refused.value.nearest, ""}


def test_a_misspelt_hook_without_mark_stops_the_start(plugins: Path) -> None:
    """The prefix alone says that a hook was meant."""
    write(plugins, "ours", "def archive_chek(proposed):\n    return []")
    with pytest.raises(HookUnknown, match="did you mean archive_check"):
        load_plugins(plugins)


def test_an_unmarked_hook_stops_the_start(plugins: Path) -> None:
    """A hook that would never be called, for want of its mark, is told."""
    write(plugins, "ours", "def archive_record_types():\n    return []")
    with pytest.raises(
        PluginFailed, match="plugin ours does not load: archive_record_types is not marked with @hookimpl"
    ):
        load_plugins(plugins)


def test_a_hook_with_foreign_arguments_stops_the_start(plugins: Path) -> None:
    """A hook that asks for what it is not given is told."""
    write(plugins, "ours", "@hookimpl\ndef archive_check(proposed, database):\n    return []")
    with pytest.raises(PluginFailed, match="database"):
        load_plugins(plugins)


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("import nothing_of_this_name", "ModuleNotFoundError: No module named 'nothing_of_this_name'"),
        ("def (", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("text(zh='a')", "TypeError"),
        ("from archive_core import nothing", "ImportError"),
        ('record_type("Bad", version=1, zh="", en="", key="a", sign_off=[], retention=Permanent())(type("A", (), {}))',
         "TypeMalformed: record type Bad: 'Bad' is not a name"),
    ],
)  # fmt: skip
def test_a_plugin_that_does_not_import_stops_the_start(plugins: Path, code: str, problem: str) -> None:
    """Whatever goes wrong while importing, the plugin is named with what it said."""
    write(plugins, "fine", a_type("sample"))
    write(plugins, "ours", code)
    with pytest.raises(PluginFailed) as refused:
        load_plugins(plugins)
    assert ("ours", True) == (refused.value.plugin, refused.value.problem.startswith(problem))
    assert "archive_core_local_ours" not in sys.modules


def test_two_plugins_cannot_claim_one_type(plugins: Path) -> None:
    """The type and both claimants are named."""
    write(plugins, "first", a_type("sample"))
    write(plugins, "second", a_type("sample"))
    with pytest.raises(TypeClaimedTwice) as refused:
        Registry.load(plugins)
    assert ("sample", {"first", "second"}) == (refused.value.name, {refused.value.first, refused.value.second})


@pytest.mark.parametrize("name", ["person", "record_type", "import_batch", "archive_charter"])
def test_no_plugin_can_claim_a_type_of_the_archives_own(plugins: Path, name: str) -> None:
    """What the archive keeps about itself is not redefined from outside."""
    write(plugins, "ours", a_type(name))
    with pytest.raises(TypeClaimedTwice, match=f"{name} is claimed by two plugins: archive-core and ours"):
        Registry.load(plugins)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return [int]", TypeMalformed),
        ("return ['sample']", PluginFailed),
        ("return None", PluginFailed),
        ("return 5", PluginFailed),
        ("raise ValueError('broken')", PluginFailed),
    ],
)
def test_what_is_no_record_type_stops_the_start(plugins: Path, body: str, expected: type[PluginError]) -> None:
    """A plugin that brings something else, or raises while asked, is refused as a plugin's error."""
    write(plugins, "ours", f"@hookimpl\ndef archive_record_types():\n    {body}")
    with pytest.raises(expected):
        Registry.load(plugins)


# -- rules ------------------------------------------------------------------------------------------------------------


def test_all_rules_are_asked_in_the_order_of_their_names(plugins: Path) -> None:
    """Findings come by plugin name, whatever order the files were loaded in; None finds nothing."""
    write(plugins, "b_second", RULE.format(body=finding("b")))
    write(plugins, "a_first", a_type("sample"), RULE.format(body=finding("a")))
    write(plugins, "c_nothing", RULE.format(body="return None"))
    registry = Registry.load(plugins)
    ours = [one.rule for one in registry.check(proposed(registry), NoRecords()) if one.rule in {"a", "b"}]
    assert ["a", "b"] == ours


def test_a_rule_takes_only_the_arguments_it_names(plugins: Path) -> None:
    """A rule may ask for the proposal, the reader, both or neither."""
    write(plugins, "p", "@hookimpl\ndef archive_check():\n    " + finding("none"))
    write(plugins, "q", a_type("sample"), "@hookimpl\ndef archive_check(reader, proposed):\n    "
          'assert reader.in_force("a", "b") is None\n    ' + finding("both"))  # fmt: skip
    registry = Registry.load(plugins)
    found = [one.rule for one in registry.check(proposed(registry), NoRecords())]
    assert {"none", "both"} <= set(found)


def test_a_rule_may_yield(plugins: Path) -> None:
    """A rule that is a generator is asked to its end."""
    body = (
        'yield Finding(rule="one", path="$", zh="z", en="e")\n    yield Finding(rule="two", path="$", zh="z", en="e")'
    )
    write(plugins, "ours", a_type("sample"), RULE.format(body=body))
    registry = Registry.load(plugins)
    assert ["one", "two"] == [one.rule for one in registry.check(proposed(registry), NoRecords())][-2:]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("raise ValueError('broken')", "ValueError: broken"),
        ("return proposed.nothing", "AttributeError"),
        ("yield 1 / 0", "ZeroDivisionError"),
        ("return ['a finding']", "TypeError: expected findings, got str"),
        ("return [None]", "TypeError: expected findings, got NoneType"),
        ("return True", "TypeError"),
        ("return 'text'", "TypeError: expected findings, got str"),
    ],
)
def test_a_rule_that_fails_refuses(plugins: Path, body: str, problem: str) -> None:
    """A rule that raises, or returns what is no finding, refuses the version in its plugin's name."""
    write(plugins, "ours", a_type("sample"), RULE.format(body=body))
    registry = Registry.load(plugins)
    with pytest.raises(RuleFailed) as refused:
        registry.check(proposed(registry), NoRecords())
    assert ("ours", True) == (refused.value.plugin, refused.value.problem.startswith(problem))


def test_a_types_own_rule_that_fails_refuses_in_its_plugins_name(plugins: Path) -> None:
    """The rules inside the class are covered as well."""
    own = TYPE.format(name="sample", cls="Sample") + "\n    def check(self):\n        return [1 / 0]\n"
    write(plugins, "ours", own, BRING.format(classes="Sample"))
    with pytest.raises(RuleFailed, match="plugin ours failed while checking, so the record is refused: ZeroDivision"):
        Registry.load(plugins).usable("sample").check({"number": "N"})


# -- a distribution ---------------------------------------------------------------------------------------------------

DISTRIBUTION = {
    "fake_pack/__init__.py": "",
    "fake_pack/types.py": HEAD + a_type("fake_note") + RULE.format(body=finding("fake.rule")),
    "fake_pack-1.2.3.dist-info/METADATA": "Metadata-Version: 2.1\nName: fake-pack\nVersion: 1.2.3\n",
    "fake_pack-1.2.3.dist-info/entry_points.txt": "[archive_core]\nfake = fake_pack.types\n",
    "fake_pack-1.2.3.dist-info/RECORD": "",
}
LOAD = """
import json
from archive_core.errors import ArchiveError
from archive_core.hooks.registry import Registry
try:
    installed = Registry.load().installed("fake_note")
    print(json.dumps([installed.plugin, installed.origin.distribution, installed.origin.version]))
except ArchiveError as error:
    print(json.dumps([type(error).__name__, str(error)]))
"""


def install(folder: Path, **changes: str) -> Path:
    for name, text in {**DISTRIBUTION, **changes}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def loaded(*folders: Path) -> Any:
    return json.loads(run_child(LOAD, environment=python_path(*folders)))


def test_an_installed_distribution_is_loaded_through_its_entry_point(tmp_path: Path) -> None:
    """A stranger's package needs nothing but an entry point; its name and version become the type's origin."""
    origin = Origin("fake-pack", "1.2.3")
    assert ["fake", origin.distribution, origin.version] == loaded(install(tmp_path))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("fake_pack/types.py", "import nothing_here",
         ["PluginFailed", "plugin fake does not load: ModuleNotFoundError: No module named 'nothing_here'"]),
        ("fake_pack/types.py", HEAD + "@hookimpl\ndef archive_chek(proposed):\n    return []",
         ["HookUnknown", "plugin fake implements archive_chek, which is not a hook; did you mean archive_check?"]),
        ("fake_pack-1.2.3.dist-info/entry_points.txt", "[archive_core]\nfake = fake_pack.gone\n",
         ["PluginFailed", "plugin fake does not load: ModuleNotFoundError: No module named 'fake_pack.gone'"]),
        ("fake_pack-1.2.3.dist-info/entry_points.txt", "[archive_core]\nfake = fake_pack.types:gone\n",
         ["PluginFailed", "plugin fake does not load: AttributeError: module 'fake_pack.types' has no attribute 'gone'"]),
        ("fake_pack/types.py", HEAD + a_type("drug_sales_record"),
         ["TypeClaimedTwice", "record type drug_sales_record is claimed by two plugins: drug-trade and fake"]),
        ("fake_pack/types.py", "raise SystemExit('no licence')",
         ["PluginFailed", "plugin fake does not load: SystemExit: no licence"]),
    ],
)  # fmt: skip
def test_a_broken_distribution_stops_the_start(tmp_path: Path, name: str, text: str, expected: list[str]) -> None:
    """Installed or local, the culprit is named by its entry point."""
    kind, sentence = loaded(install(tmp_path, **{name: text}))
    assert expected[0] == kind
    assert sorted(expected[1].split()) == sorted(sentence.split())  # which of two claimants came first is not promised


def test_two_distributions_cannot_share_a_name(tmp_path: Path) -> None:
    """Two entry points of one name are told, whichever comes first."""
    other = install(
        tmp_path / "b", **{"other_pack-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: other-pack\nVersion: 1\n"}
    )
    (other / "other_pack-1.dist-info" / "entry_points.txt").write_text("[archive_core]\nfake = other_pack\n")
    (other / "other_pack.py").write_text("")
    kind, sentence = loaded(install(tmp_path / "a"), other)
    assert ("PluginFailed", True) == (
        kind,
        sentence.startswith("plugin fake does not load: Plugin name already registered"),
    )


def test_the_order_of_installation_does_not_show(tmp_path: Path) -> None:
    """Two packs give the same types and rules whichever stands first on the path."""
    install(tmp_path / "a")
    for name, text in {
        "second_pack.py": HEAD + a_type("another_note"),
        "second_pack-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: second-pack\nVersion: 1\n",
        "second_pack-1.dist-info/entry_points.txt": "[archive_core]\nan_earlier = second_pack\n",
    }.items():
        (tmp_path / "b" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "b" / name).write_text(text, encoding="utf-8")
    code = "from archive_core.hooks.registry import Registry\nprint(list(Registry.load().types))"
    orders = [[tmp_path / "a", tmp_path / "b"], [tmp_path / "b", tmp_path / "a"]]
    (told,) = {run_child(code, environment=python_path(*order)) for order in orders}
    assert ["another_note", "fake_note"] == [
        name for name in literal_eval(told) if name.endswith("r_note") or "fake" in name
    ]
