"""
Every exception a user or a script can meet.

    ArchiveError
    ├── RecordError          a record, version, key or value is not as required
    ├── LedgerError          the ledger refuses to append, open or sign
    ├── VerificationError    evidence does not hold; carries the facts, never caught to go on
    ├── SignOffError         a person may not sign this now
    ├── AccessError          who are you: unknown person, wrong password, missing right
    ├── RetentionError       disposition refused
    ├── ImportingError       a source or mapping cannot be used at all
    ├── PluginError          a plugin would make the archive say something untrue
    └── StoreError           files, rights, formats, locks

Each class owns its sentence (`__str__`), its stable `code` (in `--json` output and docs/errors.md) and a `hint`: the
next command. Bad data is not here: findings are values (`archive_core.model.finding`).
"""

from typing import ClassVar

import attrs


class ArchiveError(Exception):
    """
    Root of the tree; `code` is stable, `hint` is the next command or empty.
    """

    code: ClassVar[str] = "archive"

    @property
    def hint(self) -> str:
        return ""


class RecordError(ArchiveError):
    """
    A record, version, key or value is not as required.
    """

    code: ClassVar[str] = "record"


class LedgerError(ArchiveError):
    """
    The ledger refuses to append, open or sign.
    """

    code: ClassVar[str] = "ledger"


class VerificationError(ArchiveError):
    """
    Evidence does not hold; the fields are the facts.
    """

    code: ClassVar[str] = "verification"


class SignOffError(ArchiveError):
    """
    A person may not sign this version now.
    """

    code: ClassVar[str] = "signoff"


class AccessError(ArchiveError):
    """
    The person is unknown, unproven or lacks the right.
    """

    code: ClassVar[str] = "access"


class RetentionError(ArchiveError):
    """
    Disposition refused.
    """

    code: ClassVar[str] = "retention"


class ImportingError(ArchiveError):
    """
    A source file or mapping cannot be used at all.
    """

    code: ClassVar[str] = "import"


class PluginError(ArchiveError):
    """
    A plugin would make the archive say something untrue.
    """

    code: ClassVar[str] = "plugin"


class StoreError(ArchiveError):
    """
    Files, rights, formats, locks.
    """

    code: ClassVar[str] = "store"


# -- values and bytes -------------------------------------------------------------------------------------------------


@attrs.define
class NotCanonical(RecordError):
    """
    A value has no canonical JSON form: float, integer beyond 2^53 - 1, lone surrogate, or a key outside
    `[a-z][a-z0-9_]*`.
    """

    code: ClassVar[str] = "record.not_canonical"
    problem: str

    def __str__(self) -> str:
        return f"the value has no canonical form: {self.problem}"

    @property
    def hint(self) -> str:
        return "write decimals and dates as text, and keep keys to a-z, 0-9 and _"


@attrs.define
class EntryMalformed(VerificationError):
    """
    A leaf is not an entry of format 1.
    """

    code: ClassVar[str] = "verification.entry_malformed"
    problem: str

    def __str__(self) -> str:
        return f"not an entry of format archive-core/entry/1: {self.problem}"


@attrs.define
class LeafTooLong(LedgerError):
    """
    A leaf would exceed 16 KiB; long text belongs into the content.
    """

    code: ClassVar[str] = "ledger.leaf_too_long"
    size: int
    limit: int

    def __str__(self) -> str:
        return f"the entry would be {self.size} bytes long; at most {self.limit} are allowed"


# -- records ----------------------------------------------------------------------------------------------------------


@attrs.define
class ContentRefused(RecordError):
    """
    The proposed content has at least one error; `findings` tells them all, one line each.
    """

    code: ClassVar[str] = "record.content_refused"
    record_type: str
    findings: tuple[str, ...]

    def __str__(self) -> str:
        lines = "\n".join(f"  {line}" for line in self.findings)
        return f"{self.record_type}: nothing was captured, because\n{lines}"

    @property
    def hint(self) -> str:
        return f"see what the type asks for: archive type show {self.record_type}"


@attrs.define
class UnknownRecord(RecordError):
    """
    No record has this number (or, where a key was given, this key).
    """

    code: ClassVar[str] = "record.unknown"
    record: str

    def __str__(self) -> str:
        return f"there is no record {self.record}"

    @property
    def hint(self) -> str:
        return "find it first: archive search WORDS, or archive list TYPE"


@attrs.define
class UnknownVersion(RecordError):
    """
    The record has no version of this number.
    """

    code: ClassVar[str] = "record.unknown_version"
    record: int
    version: int

    def __str__(self) -> str:
        return f"record {self.record} has no version {self.version}"

    @property
    def hint(self) -> str:
        return f"list its versions: archive history {self.record}"


@attrs.define
class NotInForce(RecordError):
    """
    The record had no version in force at the asked time.
    """

    code: ClassVar[str] = "record.not_in_force"
    record: int
    as_of: str

    def __str__(self) -> str:
        return f"record {self.record} had no version in force on {self.as_of}"

    @property
    def hint(self) -> str:
        return f"see what happened to it: archive history {self.record}"


@attrs.define
class StaleVersion(RecordError):
    """
    The amendment was made against a version that is no longer the latest.
    """

    code: ClassVar[str] = "record.stale_version"
    record: int
    seen: int
    latest: int

    def __str__(self) -> str:
        return f"record {self.record} has moved on: you saw version {self.seen}, the latest is {self.latest}"

    @property
    def hint(self) -> str:
        return f"look at the difference, then amend again: archive diff {self.record} {self.seen} {self.latest}"


@attrs.define
class ProposalWaiting(RecordError):
    """
    A version of this record already waits for sign-off; only one proposal at a time.
    """

    code: ClassVar[str] = "record.proposal_waiting"
    record: int
    version: int

    def __str__(self) -> str:
        return f"version {self.version} of record {self.record} is still waiting for sign-off"

    @property
    def hint(self) -> str:
        return "sign or reject it first, or amend with --replace"


@attrs.define
class DuplicateKey(RecordError):
    """
    Another record of this type, not withdrawn, has the key.
    """

    code: ClassVar[str] = "record.duplicate_key"
    record_type: str
    key: str
    record: int

    def __str__(self) -> str:
        return f"{self.record_type} {self.key} exists already as record {self.record}"

    @property
    def hint(self) -> str:
        return f"amend that record: archive amend {self.record} FILE --reason TEXT"


@attrs.define
class RecordWithdrawn(RecordError):
    """
    The record is void; nothing is added to it.
    """

    code: ClassVar[str] = "record.withdrawn"
    record: int

    def __str__(self) -> str:
        return f"record {self.record} is withdrawn"

    @property
    def hint(self) -> str:
        return "capture a new record instead"


@attrs.define
class ReasonMissing(RecordError):
    """
    Amending, withdrawing and rejecting need a reason in words.
    """

    code: ClassVar[str] = "record.reason_missing"
    action: str

    def __str__(self) -> str:
        return f"to {self.action}, say why"

    @property
    def hint(self) -> str:
        return "give it: --reason TEXT"


@attrs.define
class SystemFieldSupplied(RecordError):
    """
    Capture time and operator come from the system and the login, never from the caller.

    Source: GSP computer-system appendix.
    """

    code: ClassVar[str] = "record.system_field_supplied"
    field: str

    def __str__(self) -> str:
        return f"{self.field} comes from the system and the login; it cannot be supplied"

    @property
    def hint(self) -> str:
        return f"remove {self.field} from the content"


@attrs.define
class InputUnreadable(RecordError):
    """
    A file with a record's fields cannot be read as one JSON object.
    """

    code: ClassVar[str] = "record.input_unreadable"
    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.path} cannot be read as a record: {self.problem}"

    @property
    def hint(self) -> str:
        return "it must be a JSON object; see the fields: archive type show TYPE"


@attrs.define
class CardUnreadable(RecordError):
    """
    The file named with --since holds no checkpoint.
    """

    code: ClassVar[str] = "verify.card_unreadable"
    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.path} holds no checkpoint: {self.problem}"

    @property
    def hint(self) -> str:
        return "it is the text that archive checkpoint printed: origin, size, root, an empty line, the signature"


@attrs.define
class ContentErased(RecordError):
    """
    The content was destroyed under a signed disposition; only the entry remains.
    """

    code: ClassVar[str] = "record.content_erased"
    record: int
    version: int

    def __str__(self) -> str:
        return f"the content of record {self.record} version {self.version} was destroyed under a signed disposition"

    @property
    def hint(self) -> str:
        return f"see who decided it: archive history {self.record}"


# -- record types -----------------------------------------------------------------------------------------------------


@attrs.define
class UnknownRecordType(RecordError):
    """
    No installed or registered type has this name.
    """

    code: ClassVar[str] = "type.unknown"
    name: str
    nearest: str

    def __str__(self) -> str:
        meant = f"; did you mean {self.nearest}?" if self.nearest else ""
        return f"there is no record type {self.name}{meant}"

    @property
    def hint(self) -> str:
        return "list the record types: archive type list"


@attrs.define
class TypeNotInForce(RecordError):
    """
    The type's definition is not registered, or still waits for QA's sign-off.
    """

    code: ClassVar[str] = "type.not_in_force"
    name: str
    version: int
    waiting: int | None

    def __str__(self) -> str:
        if self.waiting is None:
            return f"record type {self.name} version {self.version} is installed but not registered in this archive"
        return f"the definition of {self.name} version {self.version} (record {self.waiting}) waits for QA's sign-off"

    @property
    def hint(self) -> str:
        if self.waiting is None:
            return f"register it: archive type register {self.name}"
        return f"a second QA person signs it: archive sign {self.waiting}"


@attrs.define
class TypeDiffers(PluginError):
    """
    The installed declaration is not the one that was registered under this version.
    """

    code: ClassVar[str] = "type.differs"
    name: str
    version: int
    registered: str
    installed: str

    def __str__(self) -> str:
        return (
            f"record type {self.name} version {self.version} differs from its registered definition: "
            f"registered {self.registered}, installed {self.installed}"
        )

    @property
    def hint(self) -> str:
        return "restore the plugin, or raise the version in @record_type and register it anew"


@attrs.define
class TypeMalformed(PluginError):
    """
    A declaration contradicts itself.
    """

    code: ClassVar[str] = "type.malformed"
    name: str
    problem: str

    def __str__(self) -> str:
        return f"record type {self.name}: {self.problem}"


# -- ledger -----------------------------------------------------------------------------------------------------------


@attrs.define
class HeadMoved(LedgerError):
    """
    Another writer appended between reading the head and writing it: nothing was written.
    """

    code: ClassVar[str] = "ledger.head_moved"
    expected: int
    found: int

    def __str__(self) -> str:
        return f"the ledger has {self.found} entries, expected {self.expected}; nothing was written"

    @property
    def hint(self) -> str:
        return "run the command again"


@attrs.define
class ClockWentBack(LedgerError):
    """
    The system clock is behind the newest entry by more than a second.
    """

    code: ClassVar[str] = "ledger.clock_went_back"
    now: str
    newest: str

    def __str__(self) -> str:
        return f"the clock says {self.now}, but the newest entry was made at {self.newest}; nothing was written"

    @property
    def hint(self) -> str:
        return "set the system clock right (NTP), then run the command again"


@attrs.define
class ReadOnly(LedgerError):
    """
    The archive was opened read-only, because a check at opening failed or its files cannot be written.
    """

    code: ClassVar[str] = "ledger.read_only"
    why: str

    def __str__(self) -> str:
        return f"the archive is open read-only: {self.why}"

    @property
    def hint(self) -> str:
        return "see the whole finding: archive verify"


@attrs.define
class ContentMismatch(VerificationError):
    """
    A stored content is not the one its entry commits to; both digests in hex.
    """

    code: ClassVar[str] = "verification.content_mismatch"
    entry: int
    expected: str
    got: str

    def __str__(self) -> str:
        return f"the content of entry {self.entry} was changed: expected {self.expected}, got {self.got}"

    @property
    def hint(self) -> str:
        return "do not rely on this record; find out more: archive verify"


@attrs.define
class HeadMismatch(VerificationError):
    """
    The newest entries and tiles do not give the root in the head row.
    """

    code: ClassVar[str] = "verification.head_mismatch"
    size: int
    head_root: str
    computed: str

    def __str__(self) -> str:
        return f"the head says {self.size} entries with root {self.head_root}, the entries give {self.computed}"

    @property
    def hint(self) -> str:
        return "entries were changed or removed: archive verify names them"


@attrs.define
class JournalContradicts(VerificationError):
    """
    The ledger is older than, or different from, what the checkpoint journal says was shown to people.
    """

    code: ClassVar[str] = "verification.journal_contradicts"
    journal_size: int
    journal_root: str
    ledger_size: int
    ledger_root: str

    def __str__(self) -> str:
        if self.ledger_size < self.journal_size:
            return (
                f"the ledger has {self.ledger_size} entries, but a checkpoint of {self.journal_size} entries was "
                "already shown: this is an older copy, or entries were removed"
            )
        return (
            f"at {self.journal_size} entries the journal says root {self.journal_root}, the ledger says "
            f"{self.ledger_root}: entries were rewritten"
        )

    @property
    def hint(self) -> str:
        return "restore the newest backup beside it and compare: archive verify"


@attrs.define
class JournalMissing(VerificationError):
    """
    Checkpoints were signed, but no journal holds a single one: the journal was moved, removed or emptied.
    """

    code: ClassVar[str] = "verification.journal_missing"
    size: int
    journals: tuple[str, ...]

    def __str__(self) -> str:
        return f"a checkpoint of {self.size} entries was signed, but none stands in {', '.join(self.journals)}"

    @property
    def hint(self) -> str:
        return "put the journal back where archive.toml says; without it an older copy looks like the true one"


# -- proofs and notes -------------------------------------------------------------------------------------------------


@attrs.define
class LeafOutOfRange(VerificationError):
    """
    A proof was asked or offered for a leaf that a tree of this size does not have.
    """

    code: ClassVar[str] = "verification.leaf_out_of_range"
    leaf_index: int
    tree_size: int

    def __str__(self) -> str:
        return f"there is no leaf {self.leaf_index} in a tree of {self.tree_size} leaves"

    @property
    def hint(self) -> str:
        return "take a checkpoint that covers it: archive checkpoint"


@attrs.define
class ProofRefused(VerificationError):
    """
    A proof does not show what it claims. `expected` and `computed` are hexadecimal roots, empty where the proof has
    the wrong shape and no root was computed.
    """

    code: ClassVar[str] = "verification.proof_refused"
    claim: str
    problem: str
    expected: str = ""
    computed: str = ""

    def __str__(self) -> str:
        roots = f" (expected {self.expected}, computed {self.computed})" if self.computed else ""
        return f"it is not proven that {self.claim}: {self.problem}{roots}"

    @property
    def hint(self) -> str:
        return "keep the proof and both checkpoints as evidence, then run: archive verify"


@attrs.define
class TileDamaged(VerificationError):
    """
    A full tile that the tree's size demands is missing or has not 256 hashes.
    """

    code: ClassVar[str] = "verification.tile_damaged"
    level: int
    index: int
    found: str

    def __str__(self) -> str:
        return f"tile {self.level}/{self.index} should be 8192 bytes long, but is {self.found}"

    @property
    def hint(self) -> str:
        return "see what else is damaged: archive verify"


@attrs.define
class NoteMalformed(VerificationError):
    """
    A text is not a C2SP signed note; nothing in it may be believed.
    """

    code: ClassVar[str] = "verification.note_malformed"
    problem: str

    def __str__(self) -> str:
        return f"this is not a signed note: {self.problem}"

    @property
    def hint(self) -> str:
        return "compare it with the original, character by character: copying may have changed line ends or spaces"


@attrs.define
class NoteUnverified(VerificationError):
    """
    A signed note carries a false signature of a known key, or no signature of any known key.
    """

    code: ClassVar[str] = "verification.note_unverified"
    problem: str
    text: str

    def __str__(self) -> str:
        return f"the note is not to be believed: {self.problem}"

    @property
    def hint(self) -> str:
        return "check that the verifier key is the one handed out by the archive's owner, then run: archive verify"


@attrs.define
class NoteKeyMalformed(VerificationError):
    """
    A verifier key is not `name+hash+key` of C2SP signed notes with an Ed25519 key.
    """

    code: ClassVar[str] = "verification.note_key_malformed"
    problem: str

    def __str__(self) -> str:
        return f"this is not a verifier key: {self.problem}"

    @property
    def hint(self) -> str:
        return "copy the whole line, as printed by: archive checkpoint"


@attrs.define
class CheckpointMalformed(VerificationError):
    """
    A text is not a checkpoint: origin, decimal size and base64 root, one per line.
    """

    code: ClassVar[str] = "verification.checkpoint_malformed"
    problem: str

    def __str__(self) -> str:
        return f"this is not a checkpoint: {self.problem}"

    @property
    def hint(self) -> str:
        return "compare it with the original card, character by character"


# -- people and sign-off ----------------------------------------------------------------------------------------------


@attrs.define
class LoginRefused(AccessError):
    """
    Username and password do not belong together, or the person is not active; which of them is not told.
    """

    code: ClassVar[str] = "access.login_refused"
    username: str

    def __str__(self) -> str:
        return f"username and password do not match an active person ({self.username})"

    @property
    def hint(self) -> str:
        return "try again, or ask QA to check the person: archive person show USERNAME"


@attrs.define
class LoginNeeded(AccessError):
    """
    The action needs to know who acts.
    """

    code: ClassVar[str] = "access.login_needed"
    action: str

    def __str__(self) -> str:
        return f"to {self.action}, say who you are"

    @property
    def hint(self) -> str:
        return "add --user NAME (the password is asked for, or read from --password-file F)"


@attrs.define
class RoleMissing(AccessError):
    """
    The person does not hold the role the action asks for.
    """

    code: ClassVar[str] = "access.role_missing"
    username: str
    role: str
    action: str

    def __str__(self) -> str:
        return f"{self.username} may not {self.action}: the role {self.role} is needed"

    @property
    def hint(self) -> str:
        return f"see the roles: archive person show {self.username}"


@attrs.define
class SecondQaMissing(AccessError):
    """
    The founding ceremony is not complete: with one QA person alone nothing could ever be approved.
    """

    code: ClassVar[str] = "access.second_qa_missing"

    def __str__(self) -> str:
        return "the archive needs a second QA person before it takes records: nobody may approve what they propose"

    @property
    def hint(self) -> str:
        return "enrol one: archive person add USERNAME --name-zh 姓名 --name-en NAME --role qa"


@attrs.define
class UsernameTaken(AccessError):
    """
    Usernames are never reissued, not even in another case.
    """

    code: ClassVar[str] = "access.username_taken"
    username: str
    record: int

    def __str__(self) -> str:
        return f"the username {self.username} belongs to person {self.record}; usernames are never reissued"

    @property
    def hint(self) -> str:
        return "choose another username"


@attrs.define
class PasswordTooWeak(AccessError):
    """
    The password is shorter than the archive allows.
    """

    code: ClassVar[str] = "access.password_too_weak"
    shortest: int

    def __str__(self) -> str:
        return f"the password needs at least {self.shortest} characters and must not be the username"

    @property
    def hint(self) -> str:
        return "choose a longer one: a short sentence is easy to remember"


@attrs.define
class NothingToSign(SignOffError):
    """
    No version of this record waits for sign-off.
    """

    code: ClassVar[str] = "signoff.nothing_waiting"
    record: int

    def __str__(self) -> str:
        return f"no version of record {self.record} waits for sign-off"

    @property
    def hint(self) -> str:
        return "see what waits for you: archive queue"


@attrs.define
class SelfApproval(SignOffError):
    """
    Separation of duties: this step may not be signed by who did an earlier part.
    """

    code: ClassVar[str] = "signoff.self_approval"
    record: int
    step: str
    username: str
    did: str

    def __str__(self) -> str:
        return f"{self.username} may not sign step {self.step} of record {self.record}: {self.did}"

    @property
    def hint(self) -> str:
        return "somebody else with the role signs this step"


@attrs.define
class StepNotOpen(SignOffError):
    """
    The person holds no role that the open step of this version asks for.
    """

    code: ClassVar[str] = "signoff.step_not_open"
    record: int
    step: str
    role: str
    username: str

    def __str__(self) -> str:
        waits = f"record {self.record} waits for step {self.step}, which needs the role {self.role}"
        return f"{waits}; {self.username} has it not"

    @property
    def hint(self) -> str:
        return f"see who signed so far: archive history {self.record}"


@attrs.define
class SignedAlready(SignOffError):
    """
    The person has signed this step of this version.
    """

    code: ClassVar[str] = "signoff.signed_already"
    record: int
    step: str
    username: str

    def __str__(self) -> str:
        return f"{self.username} has signed step {self.step} of record {self.record} already"

    @property
    def hint(self) -> str:
        return "another person with the role signs next"


@attrs.define
class BatchOpen(SignOffError):
    """
    Rows of the import may still come in; only a closed batch can be signed.
    """

    code: ClassVar[str] = "signoff.batch_open"
    record: int

    def __str__(self) -> str:
        return f"import batch {self.record} is still open; it can be signed when the import has ended"

    @property
    def hint(self) -> str:
        return "end it: archive import run with the same file and mapping goes on where it stopped"


@attrs.define
class BatchDiffers(SignOffError):
    """
    The batch record does not say what the ledger holds: signing it would vouch for something else.
    """

    code: ClassVar[str] = "signoff.batch_differs"
    record: int
    stated: str
    found: str

    def __str__(self) -> str:
        return f"import batch {self.record} states {self.stated}; the ledger holds {self.found}"

    @property
    def hint(self) -> str:
        return f"reject it, and import again: archive reject {self.record} --reason TEXT"


@attrs.define
class KeyNotEnrolled(SignOffError):
    """
    The unsealed key is not the one in the person's record in force.
    """

    code: ClassVar[str] = "signoff.key_not_enrolled"
    username: str

    def __str__(self) -> str:
        return f"the signing key of {self.username} is not the one in the person record in force"

    @property
    def hint(self) -> str:
        return "QA signs the person's newest version first: archive queue --all shows it"


# -- retention --------------------------------------------------------------------------------------------------------


@attrs.define
class RetentionRuleMalformed(RetentionError):
    """
    A retention rule names a field the type does not have, or has no period.
    """

    code: ClassVar[str] = "retention.rule_malformed"
    problem: str

    def __str__(self) -> str:
        return f"retention rule: {self.problem}"


# -- plugins ----------------------------------------------------------------------------------------------------------


@attrs.define
class PluginFailed(PluginError):
    """
    A plugin could not be imported or raised while registering.
    """

    code: ClassVar[str] = "plugin.failed"
    plugin: str
    problem: str

    def __str__(self) -> str:
        return f"plugin {self.plugin} does not load: {self.problem}"

    @property
    def hint(self) -> str:
        return "repair or uninstall it: archive plugin list"


@attrs.define
class HookUnknown(PluginError):
    """
    A plugin implements a hook that does not exist: usually a misspelling.
    """

    code: ClassVar[str] = "plugin.hook_unknown"
    plugin: str
    hook: str
    nearest: str

    def __str__(self) -> str:
        meant = f"; did you mean {self.nearest}?" if self.nearest else ""
        return f"plugin {self.plugin} implements {self.hook}, which is not a hook{meant}"

    @property
    def hint(self) -> str:
        return "the hooks are listed in docs/hooks.md"


@attrs.define
class TypeClaimedTwice(PluginError):
    """
    Two plugins bring a type of the same name.
    """

    code: ClassVar[str] = "plugin.type_claimed_twice"
    name: str
    first: str
    second: str

    def __str__(self) -> str:
        return f"record type {self.name} is claimed by two plugins: {self.first} and {self.second}"

    @property
    def hint(self) -> str:
        return "uninstall one of them"


@attrs.define
class RuleFailed(PluginError):
    """
    A plugin's rule raised while judging a record: the record is refused, never passed.
    """

    code: ClassVar[str] = "plugin.rule_failed"
    plugin: str
    problem: str

    def __str__(self) -> str:
        return f"plugin {self.plugin} failed while checking, so the record is refused: {self.problem}"

    @property
    def hint(self) -> str:
        return "report it to the author of the plugin; nothing was captured"


@attrs.define
class UnknownValidator(PluginError):
    """
    A field names a validator that does not exist.
    """

    code: ClassVar[str] = "plugin.unknown_validator"
    name: str
    nearest: str

    def __str__(self) -> str:
        meant = f"; did you mean {self.nearest}?" if self.nearest else ""
        return f"there is no validator {self.name}{meant}"

    @property
    def hint(self) -> str:
        return "correct the name in the field's check"


# -- store ------------------------------------------------------------------------------------------------------------


@attrs.define
class NotAnArchive(StoreError):
    """
    No folder here or above holds an archive.toml.
    """

    code: ClassVar[str] = "store.not_an_archive"
    folder: str

    def __str__(self) -> str:
        return f"there is no archive in {self.folder} or above it"

    @property
    def hint(self) -> str:
        return "found one: archive init DIR, or name it: archive -C DIR COMMAND"


@attrs.define
class FolderNotEmpty(StoreError):
    """
    An archive is founded only in an empty or new folder.
    """

    code: ClassVar[str] = "store.folder_not_empty"
    folder: str

    def __str__(self) -> str:
        return f"{self.folder} is not empty; nothing was changed in it"

    @property
    def hint(self) -> str:
        return "name a new folder"


@attrs.define
class OriginMalformed(StoreError):
    """
    The name that an archive's checkpoints are to carry cannot be used.
    """

    code: ClassVar[str] = "store.origin_malformed"
    origin: str

    def __str__(self) -> str:
        return f"{self.origin!r} cannot be the origin of checkpoints; nothing was made"

    @property
    def hint(self) -> str:
        return "give a name without spaces and +, like archive.example.com/records: --origin NAME"


@attrs.define
class NoRights(StoreError):
    """
    The operating system does not let us read or write a file of the archive.
    """

    code: ClassVar[str] = "store.no_rights"
    path: str
    action: str

    def __str__(self) -> str:
        return f"no right to {self.action} {self.path}"

    @property
    def hint(self) -> str:
        return "ask who owns the folder: ls -ld on it shows the owner"


@attrs.define
class NetworkFolder(StoreError):
    """
    SQLite cannot keep its promises on a network file system.
    """

    code: ClassVar[str] = "store.network_folder"
    folder: str
    kind: str

    def __str__(self) -> str:
        return f"{self.folder} lies on a network file system ({self.kind}); an archive must lie on a local disk"

    @property
    def hint(self) -> str:
        return "move the folder to a local disk; point only the journals at another volume"


@attrs.define
class FormatTooNew(StoreError):
    """
    The archive was written by a later release.
    """

    code: ClassVar[str] = "store.format_too_new"
    path: str
    found: int
    known: int

    def __str__(self) -> str:
        return f"{self.path} has format {self.found}; this release knows formats up to {self.known}"

    @property
    def hint(self) -> str:
        return "install a newer archive-core"


@attrs.define
class StoreDamaged(StoreError):
    """
    SQLite cannot read the file, or its tables are not those of the format.
    """

    code: ClassVar[str] = "store.damaged"
    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.path} cannot be used: {self.problem}"

    @property
    def hint(self) -> str:
        return "restore it from the newest backup; keep the damaged file for the investigation"


@attrs.define
class WriteFailed(StoreError):
    """
    SQLite could not write: disk full, input/output error.
    """

    code: ClassVar[str] = "store.write_failed"
    problem: str

    def __str__(self) -> str:
        return f"nothing was written: {self.problem}"

    @property
    def hint(self) -> str:
        return "make room on the disk, then run the command again"


@attrs.define
class OutputFailed(StoreError):
    """
    What a command says, or a file it was asked to write, could not be written: full device.
    """

    code: ClassVar[str] = "store.output_failed"
    problem: str

    def __str__(self) -> str:
        return f"what the command had to say could not be written: {self.problem}"

    @property
    def hint(self) -> str:
        return "make room or write elsewhere; see how far it came: archive status"


@attrs.define
class JournalUnwritable(StoreError):
    """
    A checkpoint could not be appended to a journal: full disk, volume not mounted.
    """

    code: ClassVar[str] = "store.journal_unwritable"
    path: str
    problem: str

    def __str__(self) -> str:
        return f"the checkpoint was not shown, because {self.path} cannot be written: {self.problem}"

    @property
    def hint(self) -> str:
        return "repair the journal's volume, then run: archive checkpoint (what was committed before stands)"


@attrs.define
class WriterBusy(StoreError):
    """
    Another process held the writer's lock for longer than we waited.
    """

    code: ClassVar[str] = "store.writer_busy"
    seconds: float

    def __str__(self) -> str:
        return f"another process has been writing for {self.seconds:g} seconds; nothing was written"

    @property
    def hint(self) -> str:
        return "wait for the other command to end, then run this one again"


@attrs.define
class KeysExposed(StoreError):
    """
    keys.db can be read by others.
    """

    code: ClassVar[str] = "store.keys_exposed"
    path: str
    mode: str

    def __str__(self) -> str:
        return f"{self.path} has mode {self.mode}: others could read the sealed keys"

    @property
    def hint(self) -> str:
        return f"chmod 600 {self.path}"


@attrs.define
class BlobMissing(VerificationError):
    """
    An attachment or import source named by a record is not in blobs/, or its bytes have another digest.
    """

    code: ClassVar[str] = "verification.blob"
    sha256: str
    found: str

    def __str__(self) -> str:
        return f"blob {self.sha256} is {self.found or 'missing'}"


@attrs.define
class ConfigMalformed(StoreError):
    """
    archive.toml cannot be read.
    """

    code: ClassVar[str] = "store.config_malformed"
    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"

    @property
    def hint(self) -> str:
        return "correct the line named above"


# -- importing --------------------------------------------------------------------------------------------------------


@attrs.define
class SourceUnusable(ImportingError):
    """
    The file is not a table we can read: missing, empty, protected, or of another kind than its name says.
    """

    code: ClassVar[str] = "import.source_unusable"
    path: str
    problem: str
    advice: str

    def __str__(self) -> str:
        return f"{self.path} cannot be imported: {self.problem}"

    @property
    def hint(self) -> str:
        return self.advice


@attrs.define
class BadByteInSource(ImportingError):
    """
    A byte of the file is illegal in the encoding; nothing is replaced or dropped.
    """

    code: ClassVar[str] = "import.bad_byte"
    path: str
    encoding: str
    offset: int
    line: int
    column: int
    byte: int

    def __str__(self) -> str:
        return (
            f"{self.path} is not {self.encoding}: byte 0x{self.byte:02x} at offset {self.offset} "
            f"(line {self.line}, column {self.column})"
        )

    @property
    def hint(self) -> str:
        return (
            "name the right encoding (--encoding gb18030, cp950, cp1252 ...), or repair the line in a copy of the file"
        )


@attrs.define
class EncodingUnclear(ImportingError):
    """
    Several encodings decode every byte and none is clearly right; a person looks at the samples and decides.
    """

    code: ClassVar[str] = "import.encoding_unclear"
    path: str
    candidates: tuple[tuple[str, tuple[str, ...]], ...]

    def __str__(self) -> str:
        shown = "".join(
            f"\n  {codec}:" + "".join(f"\n    {line}" for line in sample) for codec, sample in self.candidates
        )
        return f"{self.path} can be read in several encodings; which of these is readable?{shown}"

    @property
    def hint(self) -> str:
        return "name the right one: --encoding NAME (it is kept in the mapping)"


@attrs.define
class SheetMissing(ImportingError):
    """
    The workbook has no sheet of this name.
    """

    code: ClassVar[str] = "import.sheet_missing"
    path: str
    sheet: str
    sheets: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.path} has no sheet {self.sheet!r}; it has {', '.join(self.sheets)}"

    @property
    def hint(self) -> str:
        return 'name the sheet in the mapping: [source] sheet = "..."'


@attrs.define
class TableNotFound(ImportingError):
    """
    The sheet holds no table with a header that could be told from titles and data.
    """

    code: ClassVar[str] = "import.table_not_found"
    path: str
    sheet: str
    problem: str

    def __str__(self) -> str:
        where = f"{self.path}, sheet {self.sheet}" if self.sheet else self.path
        return f"no table found in {where}: {self.problem}"

    @property
    def hint(self) -> str:
        return "name the row of the column titles: --header-row N"


@attrs.define
class MappingMalformed(ImportingError):
    """
    The mapping file has mistakes; all are told, each with its line.
    """

    code: ClassVar[str] = "import.mapping_malformed"
    path: str
    problems: tuple[str, ...]

    def __str__(self) -> str:
        lines = "\n".join(f"  {line}" for line in self.problems)
        return f"{self.path} is not a usable mapping:\n{lines}"

    @property
    def hint(self) -> str:
        return "correct the lines named above, or begin anew: archive import suggest FILE --type TYPE"


@attrs.define
class SourceDrifted(ImportingError):
    """
    The file's columns are not those the mapping was made for.
    """

    code: ClassVar[str] = "import.source_drifted"
    path: str
    differences: tuple[str, ...]

    def __str__(self) -> str:
        lines = "\n".join(f"  {line}" for line in self.differences)
        return f"{self.path} is not laid out as the mapping expects; nothing was read:\n{lines}"

    @property
    def hint(self) -> str:
        return "correct the mapping's header and columns, or make a new one: archive import suggest FILE --type TYPE"


@attrs.define
class TotalsDiffer(ImportingError):
    """
    The file's control totals are not those written in the mapping; decided before anything is committed.
    """

    code: ClassVar[str] = "import.totals_differ"
    path: str
    differences: tuple[str, ...]

    def __str__(self) -> str:
        lines = "\n".join(f"  {line}" for line in self.differences)
        return f"the control totals of {self.path} are not the expected ones; nothing was imported:\n{lines}"

    @property
    def hint(self) -> str:
        return "compare the file with its source, or correct [totals] in the mapping"


@attrs.define
class TooManyRejects(ImportingError):
    """
    More rows would be rejected than was allowed; decided before anything is committed.
    """

    code: ClassVar[str] = "import.too_many_rejects"
    path: str
    rejected: int
    allowed: int

    def __str__(self) -> str:
        allowed = f"at most {self.allowed} are allowed"
        return f"{self.rejected} rows of {self.path} would be rejected, {allowed}; nothing was imported"

    @property
    def hint(self) -> str:
        return "see them: archive import check FILE -m MAPPING --rejects REJECTS"


# -- reading rooms ----------------------------------------------------------------------------------------------------


@attrs.define
class UnknownProfile(StoreError):
    """
    There is no reading-room profile of that name.
    """

    code: ClassVar[str] = "room.unknown_profile"
    profile: str
    known: tuple[str, ...]

    def __str__(self) -> str:
        return f"there is no profile {self.profile}; known are {', '.join(self.known)}"

    @property
    def hint(self) -> str:
        return f"choose one: archive inspect --profile {self.known[0]}"


@attrs.define
class RoomMissing(StoreError):
    """
    The reading room of a profile was not built yet.
    """

    code: ClassVar[str] = "room.missing"
    profile: str
    path: str

    def __str__(self) -> str:
        return f"the reading room {self.profile} was not built yet: {self.path} does not exist"

    @property
    def hint(self) -> str:
        return f"build it from the ledger: archive room build --profile {self.profile}"


@attrs.define
class ReadingRoomMismatch(PluginError):
    """
    The installed Datasette lacks a hook that guards or draws the reading room.
    """

    code: ClassVar[str] = "room.datasette_mismatch"
    version: str
    hooks: tuple[str, ...]

    def __str__(self) -> str:
        return f"Datasette {self.version} has no hook {', '.join(self.hooks)}; the reading room stays closed"

    @property
    def hint(self) -> str:
        return "install the version archive-core asks for: datasette==1.0a41"


@attrs.define
class PortTaken(StoreError):
    """
    Another program listens on the port asked for.
    """

    code: ClassVar[str] = "room.port_taken"
    host: str
    port: int

    def __str__(self) -> str:
        return f"another program listens on {self.host}:{self.port}"

    @property
    def hint(self) -> str:
        return f"choose another port: archive inspect --port {self.port + 1}"
