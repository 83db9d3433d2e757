"""
Retention schedules: how long a record must be kept, counted from what (ISO 15489-1; MoReq2010 disposal schedules).

A rule is a small tree: `After` counts a period from a trigger, `Longest` takes the later of several, `When` asks a
yes/no field, `EachLine` takes the longest over line items, `Permanent` never ends. A period ends on its "keep until"
day inclusive; the record is eligible for review the day after. A trigger that is not known never makes a record
eligible.
"""

from datetime import date, timedelta
from typing import Protocol, TypeAlias

import attrs

from archive_core.canonical import Json
from archive_core.errors import RetentionRuleMalformed
from archive_core.model.values import Month, last_day

CAPTURED = "@captured"
IN_FORCE = "@in_force"
CLOSED = "@closed"


class Facts(Protocol):
    """
    What a rule may ask about one record.
    """

    def day(self, trigger: str) -> date | Month | None:
        """
        Return the day of a trigger: a date field's name, `CAPTURED`, `IN_FORCE` or `CLOSED`; None when unknown.
        """

    def flag(self, field: str) -> bool | None:
        """
        Return a yes/no field; None when it was not filled.
        """

    def lines(self, field: str) -> tuple["Facts", ...]:
        """
        Return the facts of each line item.
        """


@attrs.frozen
class Verdict:
    """
    What a schedule says of one record: `keep_until` is inclusive; None with `permanent`, or with `missing` triggers.
    """

    keep_until: date | None = None
    permanent: bool = False
    missing: tuple[str, ...] = ()

    @property
    def eligible(self) -> date | None:
        """
        The first day on which the record may be reviewed for disposition.
        """
        return self.keep_until + timedelta(days=1) if self.keep_until else None


def add_period(start: date, *, years: int = 0, months: int = 0, days: int = 0) -> date:
    """
    Return the day a period later; a day that does not exist becomes the last one of its month (29 Feb + 1 year = 28
    Feb).
    """
    index = start.year * 12 + start.month - 1 + years * 12 + months
    year, month = divmod(index, 12)
    end = last_day(Month(year, month + 1))
    return end.replace(day=min(start.day, end.day)) + timedelta(days=days)


@attrs.frozen
class After:
    """
    A period counted from a trigger; a trigger known to the month counts from its last day.
    """

    trigger: str
    years: int = attrs.field(default=0, kw_only=True)
    months: int = attrs.field(default=0, kw_only=True)
    days: int = attrs.field(default=0, kw_only=True)

    def judge(self, facts: Facts) -> Verdict:
        start = facts.day(self.trigger)
        if start is None:
            return Verdict(missing=(self.trigger,))
        return Verdict(add_period(last_day(start), years=self.years, months=self.months, days=self.days))

    def to_json(self) -> Json:
        return {"after": self.trigger, "years": self.years, "months": self.months, "days": self.days}


@attrs.frozen(init=False)
class Longest:
    """
    The latest of several rules; permanent beats every date, an unknown trigger keeps the record out of review.
    """

    rules: tuple["Rule", ...]

    def __init__(self, *rules: "Rule") -> None:
        self.__attrs_init__(rules)

    def judge(self, facts: Facts) -> Verdict:
        return longest(tuple(rule.judge(facts) for rule in self.rules))

    def to_json(self) -> Json:
        return {"longest": [rule.to_json() for rule in self.rules]}


@attrs.frozen
class When:
    """
    One rule when a yes/no field is yes, another when it is no; neither while it is not filled.
    """

    field: str
    yes: "Rule"
    no: "Rule"

    def judge(self, facts: Facts) -> Verdict:
        flag = facts.flag(self.field)
        if flag is None:
            return Verdict(missing=(self.field,))
        return (self.yes if flag else self.no).judge(facts)

    def to_json(self) -> Json:
        return {"when": self.field, "yes": self.yes.to_json(), "no": self.no.to_json()}


@attrs.frozen
class EachLine:
    """
    The longest over all line items of a field; a record without lines has an unknown trigger.
    """

    field: str
    rule: "Rule"

    def judge(self, facts: Facts) -> Verdict:
        verdicts = tuple(self.rule.judge(line) for line in facts.lines(self.field))
        return longest(verdicts) if verdicts else Verdict(missing=(self.field,))

    def to_json(self) -> Json:
        return {"each_line": self.field, "rule": self.rule.to_json()}


@attrs.frozen
class Permanent:
    """
    Kept for ever.
    """

    def judge(self, facts: Facts) -> Verdict:  # noqa: ARG002 - every rule is asked the same way
        return Verdict(permanent=True)

    def to_json(self) -> Json:
        return {"permanent": True}


Rule: TypeAlias = After | Longest | When | EachLine | Permanent


def longest(verdicts: tuple[Verdict, ...]) -> Verdict:
    """
    Return the verdict that keeps longest: permanent, then unknown, then the latest day.
    """
    if any(verdict.permanent for verdict in verdicts):
        return Verdict(permanent=True)
    missing = tuple(sorted({name for verdict in verdicts for name in verdict.missing}))
    if missing:
        return Verdict(missing=missing)
    return Verdict(max(verdict.keep_until for verdict in verdicts if verdict.keep_until))


def rule_from_json(data: Json) -> Rule:
    """
    Return the rule a definition holds; inverse of `to_json`.

    Raises:
        RetentionRuleMalformed: the JSON is none of the five forms.
    """
    match data:
        case {"after": str(trigger), "years": int(years), "months": int(months), "days": int(days)}:
            return After(trigger, years=years, months=months, days=days)
        case {"longest": list(rules)}:
            return Longest(*(rule_from_json(rule) for rule in rules))
        case {"when": str(field), "yes": yes, "no": no}:
            return When(field, rule_from_json(yes), rule_from_json(no))
        case {"each_line": str(field), "rule": rule}:
            return EachLine(field, rule_from_json(rule))
        case {"permanent": True}:
            return Permanent()
    raise RetentionRuleMalformed(f"not a rule: {data!r}")


def triggers(rule: Rule) -> tuple[str, ...]:
    """
    Return every field name and trigger a rule asks for at record level, for the check at registration.
    """
    match rule:
        case After(trigger):
            return (trigger,)
        case Longest(rules):
            return tuple(name for part in rules for name in triggers(part))
        case When(field, yes, no):
            return (field, *triggers(yes), *triggers(no))
        case EachLine(field):
            return (field,)
        case Permanent():
            return ()
