"""
The founding ceremony: the first QA person enrols, the charter and all installed types are registered, and that
person signs them.

It is the only place where one person may do both. The ledger marks it: every version in it asks for the single step
`found`, and no such step is valid once another kind of entry has followed. Until then the founder may enrol
colleagues in the same ceremony, and must enrol a second QA person: otherwise nobody could ever approve what the
founder proposes.
"""

import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import attrs

from archive_core.canonical import Json
from archive_core.errors import OriginMalformed, SecondQaMissing
from archive_core.hooks.registry import Registry
from archive_core.ledger.contract import Reader
from archive_core.model.entry import SignOffEntry, VersionEntry, parse_entry, to_text
from archive_core.people.keyring import NewKey
from archive_core.people.persons import People, Person
from archive_core.records.definitions import definition_fields
from archive_core.records.writing import RecordWriter
from archive_core.signoffs.signing import SignOffWriter, is_founding_step
from archive_core.types.builtin import CHARTER, FOUNDING, PERSON, QA, RECORD_TYPE

FOUNDER = 0
_ORIGIN = re.compile(r"[^\s+]{1,200}\Z")


@attrs.frozen(kw_only=True)
class Founder:
    """
    The first QA person; `roles` are held in addition to qa.
    """

    username: str
    name_zh: str
    name_en: str
    roles: tuple[str, ...] = ()
    identity_check: str = ""

    def fields(self, public_key: bytes) -> dict[str, Json]:
        return person_fields(
            username=self.username,
            name_zh=self.name_zh,
            name_en=self.name_en,
            roles=sorted({QA, *self.roles}),
            public_key=public_key,
            identity_check=self.identity_check,
        )


def person_fields(
    *, username: str, name_zh: str, name_en: str, roles: Sequence[str], public_key: bytes, identity_check: str = ""
) -> dict[str, Json]:
    """
    Return the fields of a new, active person's record.
    """
    fields: dict[str, Json] = {
        "username": username,
        "name_zh": name_zh,
        "name_en": name_en,
        "public_key": to_text(public_key),
        "active": True,
    }
    if roles:
        fields["roles"] = [{"role": role} for role in roles]
    if identity_check:
        fields["identity_check"] = identity_check
    return fields


def capture_founding(
    writer: RecordWriter, registry: Registry, founder: Founder, key: NewKey, charter: dict[str, Json]
) -> list[int]:
    """
    Capture founder, charter and every installed type's definition; return their record numbers.
    """
    captured = [writer.capture(PERSON, founder.fields(key.public_key), founding=True)]
    captured.append(writer.capture(CHARTER, charter, founding=True))
    captured += [
        writer.capture(RECORD_TYPE, definition_fields(installed), founding=True)
        for installed in registry.types.values()
    ]
    return [one.record for one in captured]


def founding_person(founder: Founder, key: NewKey) -> Person:
    """
    Return the founder as a person before their own record is in force.
    """
    return Person(
        record=FOUNDER,
        username=founder.username,
        name_zh=founder.name_zh,
        name_en=founder.name_en,
        roles=frozenset({QA, *founder.roles}),
        public_key=key.public_key,
        active=True,
    )


def sign_founding(signing: SignOffWriter, records: Sequence[int]) -> None:
    """
    Sign everything that was captured, in order.
    """
    for record in records:
        signing.sign(record)


def check_origin(origin: str) -> None:
    """
    Refuse a name that checkpoints could not carry, or that could be taken for another signed text.

    Raises:
        OriginMalformed: empty, over 200 characters, with white space or "+", or one of the reserved names.

    Source: C2SP signed-note, key names.
    """
    reserved = origin.startswith("archive-core/") or origin == "cosignature/v1"
    if reserved or not _ORIGIN.match(origin) or not origin.isprintable():
        raise OriginMalformed(origin)


def founding_is_open(reader: Reader) -> bool:
    """
    Tell whether the ledger holds nothing but the founding ceremony.
    """
    leaf = reader.leaf(reader.head().size - 1)
    newest = parse_entry(leaf) if leaf else None
    if isinstance(newest, SignOffEntry):
        return newest.by == FOUNDER and newest.step == FOUNDING.name
    return isinstance(newest, VersionEntry) and is_founding_step(newest)


def require_founded(reader: Reader, zone: ZoneInfo) -> None:
    """
    Refuse to go on while the founder is the only active QA person.

    Raises:
        SecondQaMissing: enrol a colleague first.
    """
    if not founding_is_open(reader):
        return
    newest = parse_entry(reader.leaf(reader.head().size - 1) or b"").at
    found = (People(reader, zone).at(row.record, newest) for row in reader.records(PERSON))
    if sum(person is not None and QA in person.roles for person in found) < 2:
        raise SecondQaMissing
