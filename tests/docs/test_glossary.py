"""
The words of the manual are those the house was designed with.
"""

import re

from support import ROOT, SHARED

HAN = re.compile(r"[一-鿿]+")


def pairs(text: str) -> set[tuple[str, str]]:
    """
    Return (word, Chinese) of the first column of a table of words.
    """
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| ")]
    words = [part.strip() for cell in cells for part in cell.split(",")]
    return {(HAN.sub("", word).strip(), "".join(HAN.findall(word))) for word in words} - {("word", "")}


def test_the_glossary_has_the_words_of_the_design() -> None:
    """
    docs/glossary.md has the words of the design, each with the same Chinese.
    """
    design = (SHARED / "DESIGN.md").read_text(encoding="utf-8")
    table = design.partition("## 2. Words")[2].partition("## 3.")[0]
    assert pairs(table) == pairs((ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"))
