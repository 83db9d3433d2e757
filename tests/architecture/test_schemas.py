"""
The committed JSON Schemas are those the declarations give; `pytest --golden-update` writes them.
"""

import json

from support import ROOT, Golden

from archive_core.hooks.registry import Registry
from archive_core.types.schema import json_schema


def test_schemas_are_those_of_the_declarations(golden: Golden) -> None:
    """
    Every installed type, built-in ones included, has its schema in schemas/TYPE/vN.json.
    """
    for name, installed in Registry.load().types.items():
        text = json.dumps(json_schema(installed.record_type), ensure_ascii=False, indent=2) + "\n"
        golden(f"schemas/{name}/v{installed.record_type.version}.json", text)


def test_every_schema_belongs_to_a_type() -> None:
    """
    No schema is left behind of a type that nobody brings.
    """
    kept = {path.parent.name for path in (ROOT / "schemas").glob("*/v*.json")}
    assert kept == set(Registry.load().types)
