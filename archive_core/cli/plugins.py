"""
`archive plugin`.
"""

import click

from archive_core.cli.common import json_option, print_json, print_table
from archive_core.hooks.registry import Registry


@click.group()
def plugin() -> None:
    """
    Plugins: what is installed and what it brings.
    """


@plugin.command("list")
@json_option
def list_plugins(as_json: bool) -> None:
    """
    List the record types each plugin brings.
    """
    types = Registry.load().types.values()
    if as_json:
        print_json(
            [
                {
                    "plugin": one.plugin,
                    "distribution": one.origin.distribution,
                    "version": one.origin.version,
                    "type": one.record_type.name,
                    "definition_sha256": one.definition_sha256,
                }
                for one in types
            ]
        )
        return
    print_table(
        ("plugin", "distribution", "record type", "名称", "title"),
        [
            (
                one.plugin,
                f"{one.origin.distribution} {one.origin.version}",
                one.record_type.name,
                one.record_type.zh,
                one.record_type.en,
            )
            for one in types
        ],
    )
