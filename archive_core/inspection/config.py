"""
The files a reading room is drawn with: settings, words, templates, style.

In a checkout they lie in `datasette_config/` at the top; an installed wheel carries them inside this package.
"""

from pathlib import Path
from typing import Any, cast

from datasette.utils import parse_metadata  # type: ignore[import-untyped]

from archive_core.inspection.words import Words, load_words


def config_folder() -> Path:
    inside = Path(__file__).with_name("datasette_config")
    return inside if inside.is_dir() else Path(__file__).parents[2] / "datasette_config"


def load_settings() -> dict[str, Any]:
    text = (config_folder() / "datasette.yaml").read_text(encoding="utf-8")
    return cast(dict[str, Any], parse_metadata(text)["settings"])


def load_catalogue() -> Words:
    return load_words(config_folder() / "words.toml")
