"""
A finding is one problem as a value: rules and importers return all of them instead of raising the first.
"""

from enum import StrEnum

import attrs


class Severity(StrEnum):
    """
    An ERROR refuses the record; a WARNING is kept with it; INFO tells what was done on the way.
    """

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@attrs.frozen(kw_only=True)
class Finding:
    """
    One problem: which rule, where (`$.lines[2].quantity`; `file:row` in `source` for imports), what, and what to do.
    """

    rule: str
    path: str
    zh: str
    en: str
    severity: Severity = Severity.ERROR
    hint_zh: str = ""
    hint_en: str = ""
    value: str | None = None
    source: str = ""

    @property
    def refuses(self) -> bool:
        return self.severity is Severity.ERROR

    def line(self, language: str = "en") -> str:
        """
        Return one line for a screen, `zh` or `en`.
        """
        text, hint = (self.zh, self.hint_zh) if language == "zh" else (self.en, self.hint_en)
        place = f"{self.source} {self.path}".strip()
        shown = f" ({self.value})" if self.value is not None else ""
        return f"{place}: {text}{shown}" + (f" - {hint}" if hint else "") + f" [{self.rule}]"
