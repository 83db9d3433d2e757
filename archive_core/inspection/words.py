"""
What the screens say, in Chinese and English: one catalogue, one choice of language per request.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import attrs

LANGUAGES = ("zh", "en")
DEFAULT = "zh"
COOKIE = "archive_lang"


@attrs.frozen
class Words:
    """
    The catalogue: `key = ["中文", "English"]`, `{name}` stands for a value given when asked.
    """

    texts: Mapping[str, tuple[str, str]]

    def say(self, key: str, language: str, **values: object) -> str:
        """
        Return the text of a key.

        Raises:
            KeyError: the catalogue lacks the key, or the text a value.
        """
        text = self.texts[key][LANGUAGES.index(language)]
        return text.format(**values) if values else text


def load_words(path: Path) -> Words:
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    return Words(MappingProxyType({key: (str(zh), str(en)) for key, (zh, en) in found.items()}))


def choose_language(asked: str | None, kept: str | None, accepted: str) -> str:
    """
    Return the language of a request: asked for in the address, else kept in a cookie, else of the browser.

    Args:
        accepted: the Accept-Language header; of zh and en the one it ranks first.
    """
    for wish in (asked, kept):
        if wish in LANGUAGES:
            return str(wish)
    ranked = sorted(_ranked(accepted), key=lambda item: -item[1])
    return next((tag for tag, weight in ranked if tag in LANGUAGES and weight > 0), DEFAULT)


def _ranked(accepted: str) -> list[tuple[str, float]]:
    return [_weighed(part) for part in accepted.split(",") if part.strip()]


def _weighed(part: str) -> tuple[str, float]:
    tag, _, weight = part.partition(";")
    try:
        number = float(weight.strip().removeprefix("q=") or 1)
    except ValueError:
        number = 0.0
    return tag.strip().lower().partition("-")[0], number
