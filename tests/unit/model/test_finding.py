import attrs
import pytest

from archive_core.model.finding import Finding, Severity
from archive_core.model.verification import Assurance, Flaw, Report

BARE = Finding(rule="text.long", path="$.note", zh="太长", en="is too long")


@pytest.mark.parametrize(
    ("finding", "english", "chinese"),
    [
        (BARE, "$.note: is too long [text.long]", "$.note: 太长 [text.long]"),
        (attrs.evolve(BARE, value="xx"), "$.note: is too long (xx) [text.long]", "$.note: 太长 (xx) [text.long]"),
        (attrs.evolve(BARE, value=""), "$.note: is too long () [text.long]", "$.note: 太长 () [text.long]"),
        (
            attrs.evolve(BARE, source="a.csv:7", hint_en="cut it", hint_zh="缩短"),
            "a.csv:7 $.note: is too long - cut it [text.long]",
            "a.csv:7 $.note: 太长 - 缩短 [text.long]",
        ),
        (
            attrs.evolve(BARE, source="a.csv:7", path=""),
            "a.csv:7: is too long [text.long]",
            "a.csv:7: 太长 [text.long]",
        ),
    ],
)
def test_a_finding_is_one_line(finding: Finding, english: str, chinese: str) -> None:
    """Where, what, the value and what to do stand on one line, in either language."""
    assert [english, chinese] == [finding.line(), finding.line("zh")]


@pytest.mark.parametrize(
    ("severity", "refuses"), [(Severity.ERROR, True), (Severity.WARNING, False), (Severity.INFO, False)]
)
def test_only_an_error_refuses(severity: Severity, *, refuses: bool) -> None:
    """A warning is kept with the record, an information only told."""
    assert refuses == attrs.evolve(BARE, severity=severity).refuses


@pytest.mark.parametrize(
    ("flaw", "line"),
    [
        (Flaw(code="c", en="gone", zh="缺"), "gone"),
        (Flaw(code="c", en="gone", zh="缺", entry=0), "entry 0: gone"),
        (Flaw(code="c", en="gone", zh="缺", entry=5, record=0, version=2), "record 0, version 2, entry 5: gone"),
    ],
)
def test_a_flaw_names_its_place(flaw: Flaw, line: str) -> None:
    """Record, version and entry are named where they are known, number 0 included."""
    assert [line, line.replace("gone", "缺")] == [flaw.line(), flaw.line("zh")]


def test_a_report_without_flaws_is_good() -> None:
    """Goodness is the absence of flaws, whatever the level."""
    report = Report(size=0, root=b"", flaws=(), counts={}, assurance=Assurance.INTACT, at="")
    flaw = Flaw(code="c", en="e", zh="z")
    assert [True, False] == [report.good, attrs.evolve(report, flaws=(flaw,)).good]
