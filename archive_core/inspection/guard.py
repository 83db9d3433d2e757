"""
The gate in front of Datasette: who may ask for what, and nothing answered before it is recorded.

A list of admitted paths, not of forbidden ones: what a new Datasette adds stays closed. Nothing of a page leaves
before its row stands in the access log; where that fails, the reader gets a short 503 instead. Only the style, script
and mark that any stranger may fetch are not recorded: they say nothing about records, and would drown what does.
"""

import re
import sqlite3
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, quote, urlencode

import attrs

from archive_core.inspection import sessions, words
from archive_core.inspection.access import Access, AccessLog
from archive_core.inspection.sessions import Door, Visitor

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

ALIAS = "room"
LOGIN = "/-/login"
LOGOUT = "/-/logout"
MISSING = "/-/missing"
LONGEST_ADDRESS = 2000
_LOOKS = re.compile(r"/(assets/[a-z0-9._-]+|favicon\.ico)\Z")
_PUBLIC = re.compile(rf"({_LOOKS.pattern})|/-/login\Z")
_PAGES = re.compile(
    r"""/(
        | -/(records|search|due|types|people|checkpoints|access|logout|missing)
        | -/records/[a-z0-9_]+ | -/type/[a-z0-9_]+
        | -/record/\d{1,16} (/v/\d{1,6} | /diff/\d{1,6}/\d{1,6} | /file/[0-9a-f]{64})?
        | room | room/(?P<table>[a-z][a-z0-9_]*) (/\d{1,16}(,\d{1,6})?)?
    )\Z""",
    re.VERBOSE,
)
_OWN_ARGUMENTS = frozenset({"_search", "_sort", "_sort_desc", "_next", "_size"})
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-robots-tag", b"noindex, nofollow"),
)
_CLOSED = "阅览室暂时关闭：查阅无法记录。\nThe reading room is closed: your reading cannot be recorded.\n"


@attrs.define
class Visit:
    """What one request brings along: the visitor, his language, the records he is shown."""

    language: str
    visitor: Visitor | None
    address: str
    path: str
    query: str
    sets_language: bool = False
    records: set[int] = attrs.field(factory=set)


@attrs.frozen
class Guard:
    """ASGI middleware around Datasette."""

    app: App
    door: Door
    log: AccessLog
    refresh: Callable[[], None]
    offers: Callable[[str], bool]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        visit = _arrive(scope, self.door)
        refusal = _refusal(scope, visit)
        if refusal is not None:
            await self._refuse(visit, refusal, send)
            return
        self.refresh()
        await self.app(
            _inner_scope(scope, visit, is_open=self._is_open(_path(scope))),
            receive,
            _Recorder(self.log, visit, send).send,
        )

    def _is_open(self, path: str) -> bool:
        if _PUBLIC.match(path):
            return True
        page = _PAGES.match(path)
        return page is not None and (page["table"] is None or self.offers(page["table"]))

    async def _refuse(self, visit: Visit, refusal: "Refusal", send: Send) -> None:
        answer = _Recorder(self.log, visit, send, act="refused")
        headers = [(b"content-type", b"text/plain; charset=utf-8"), *refusal.headers]
        await answer.send({"type": "http.response.start", "status": refusal.status, "headers": headers})
        await answer.send({"type": "http.response.body", "body": refusal.text.encode()})


@attrs.frozen
class Refusal:
    """An answer given without asking Datasette."""

    status: int
    text: str = ""
    headers: tuple[tuple[bytes, bytes], ...] = ()


@attrs.define
class _Recorder:
    """Holds back the beginning of an answer until the access log has it."""

    log: AccessLog
    visit: Visit
    to_client: Send
    act: str = "view"
    is_closed: bool = False

    async def send(self, message: Message) -> None:
        if self.is_closed:
            return
        if message["type"] == "http.response.start":
            try:
                self._record(int(message["status"]))
            except sqlite3.Error:
                self.is_closed = True
                await _answer_closed(self.to_client)
                return
            message = {**message, "headers": self._headers(message)}
        await self.to_client(message)

    def _record(self, status: int) -> None:
        visit = self.visit
        if status < 400 and (visit.visitor is None or _LOOKS.match(visit.path)):
            return
        who = visit.visitor.username if visit.visitor else ""
        act = "refused" if status >= 400 else self.act
        self.log.write(
            Access(
                act=act, who=who, address=visit.address, path=visit.path, query=visit.query, status=status,
                records=tuple(sorted(visit.records)),
            )
        )  # fmt: skip

    def _headers(self, message: Message) -> list[tuple[bytes, bytes]]:
        kept = [(name, value) for name, value in message["headers"] if name.lower() != b"content-security-policy"]
        if self.visit.sets_language:
            cookie = f"{words.COOKIE}={self.visit.language}; Path=/; Max-Age=31536000; SameSite=Lax"
            kept.append((b"set-cookie", cookie.encode()))
        return [*kept, *_HEADERS]


async def _answer_closed(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store"), *_HEADERS]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": _CLOSED.encode()})


def _arrive(scope: Scope, door: Door) -> Visit:
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    cookies = _cookies(headers.get(b"cookie", ""))
    arguments = dict(_arguments(scope))
    asked = arguments.get("lang")
    language = words.choose_language(asked, cookies.get(words.COOKIE), headers.get(b"accept-language", ""))
    return Visit(
        language=language,
        visitor=door.visitor(cookies.get(sessions.COOKIE)),
        address=(scope.get("client") or ("",))[0],
        path=_path(scope)[:LONGEST_ADDRESS],
        query=scope["query_string"].decode("latin-1")[:LONGEST_ADDRESS],
        sets_language=asked in words.LANGUAGES,
    )


def _refusal(scope: Scope, visit: Visit) -> Refusal | None:
    path, method = _path(scope), scope["method"]
    if method not in {"GET", "HEAD"} and not (method == "POST" and path in {LOGIN, LOGOUT}):
        return Refusal(405, "只读 / read-only\n", ((b"allow", b"GET, HEAD"),))
    if _PUBLIC.match(path):
        return None
    if visit.visitor is None:
        return _to_login(scope)
    bad = [name for name, _ in _arguments(scope) if name.startswith("_") and name not in _OWN_ARGUMENTS]
    return Refusal(400, f"不提供 / not available: {bad[0]}\n") if bad else None


def _to_login(scope: Scope) -> Refusal:
    if scope["method"] != "GET":
        return Refusal(401, "请先登录 / log in first\n")
    wanted = _path(scope) + ("?" + scope["query_string"].decode("latin-1") if scope["query_string"] else "")
    place = LOGIN if wanted == "/" else f"{LOGIN}?next={quote(wanted, safe='')}"
    return Refusal(303, "", ((b"location", place.encode()), (b"cache-control", b"no-store")))


def _inner_scope(scope: Scope, visit: Visit, *, is_open: bool) -> Scope:
    inner = {**scope, "visit": visit, "query_string": _without_language(scope)}
    if visit.visitor is not None:
        inner["actor"] = {"id": visit.visitor.username, "name": visit.visitor.name}
    if not is_open:
        inner["path"], inner["raw_path"] = MISSING, MISSING.encode()
    return inner


def _without_language(scope: Scope) -> bytes:
    kept = [(name, value) for name, value in _arguments(scope) if name != "lang"]
    return urlencode(kept).encode() if b"lang=" in scope["query_string"] else bytes(scope["query_string"])


def _arguments(scope: Scope) -> Iterator[tuple[str, str]]:
    yield from parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)


def _path(scope: Scope) -> str:
    raw = scope.get("raw_path")
    return raw.decode("latin-1").partition("?")[0] if raw else str(scope["path"])


def _cookies(header: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}
