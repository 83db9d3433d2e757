"""
What each command says with --help.
"""

from support import Golden

from docs.reference import commands


def test_the_help_of_every_command_is_as_kept(golden: Golden) -> None:
    """
    The help of the program and of every command, at 100 columns, stands in one file.
    """
    pages = [f"$ {name} --help\n{context.get_help()}\n" for name, context in commands()]
    golden("tests/golden/cli-help.txt", "\n".join(pages))
