"""
Folding of width: full-width letters, digits and signs to ASCII, and nothing else.

Blanket NFKC is harmful in these records: it turns 10² into 102, Ⅱ (device class) into II and subscripts into
digits. What is folded here is U+FF01 to U+FF5E, the ideographic and the no-break space; for numbers also the minus
signs.
"""

_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x00A0: 0x20}
_SIGNS = _WIDTH | {0x2212: 0x2D, 0x2013: 0x2D}
_INVISIBLE = dict.fromkeys((0xFEFF, 0x200B, 0x200C, 0x200D, 0x2060))
_EDGES = " \t\r\n\u3000\u00a0\ufeff\u200b"


def fold_width(text: str) -> str:
    """
    Return codes and identifiers in ASCII width, without invisible characters and outer white space.
    """
    return text.translate(_INVISIBLE).translate(_WIDTH).strip()


def fold_number(text: str) -> str:
    """
    Return the text of a number or date in ASCII width, with every minus sign as `-`.
    """
    return text.translate(_INVISIBLE).translate(_SIGNS).strip()


def trim(text: str) -> str:
    """
    Return free text without outer white space, with line ends as LF; its characters stay as they are.
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").strip(_EDGES)
