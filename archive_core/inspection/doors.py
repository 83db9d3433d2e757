"""
The login page, and the way out.
"""

from typing import Any

from datasette import Response  # type: ignore[import-untyped]

from archive_core.inspection.screen import Screen
from archive_core.inspection.sessions import COOKIE, Throttled


async def login(datasette: Any, request: Any) -> Any:
    screen = Screen(datasette, request)
    wanted = safe_path(screen.arguments.get("next", "/"))
    if request.method != "POST":
        return Response.redirect(wanted) if screen.visit.visitor else await _form(screen, wanted)
    given = await request.post_vars()
    try:
        token = datasette.door.enter(given.get("username", ""), given.get("password", ""), screen.visit.address)
    except Throttled:
        return await _form(screen, wanted, problem="login_throttled", status=429)
    if token is None:
        return await _form(screen, wanted, problem="login_failed", username=given.get("username", ""), status=403)
    answer = Response.redirect(wanted, status=303)
    is_secure = request.scope.get("scheme") == "https"
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=is_secure)
    return answer


async def logout(datasette: Any, request: Any) -> Any:
    """A link or a picture of another site must log nobody out: whoever only looks is shown the button."""
    screen = Screen(datasette, request)
    if request.method != "POST":
        return await screen.page("logout.html", {})
    datasette.door.leave(request.cookies.get(COOKIE), screen.visit.address)
    answer = Response.redirect("/-/login", status=303)
    answer.set_cookie(COOKIE, "", max_age=0, httponly=True, samesite="strict")
    return answer


def safe_path(wanted: str) -> str:
    """Return a path on this server, `/` for anything that might lead elsewhere."""
    is_local = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if is_local and "\\" not in wanted else "/"


async def _form(screen: Screen, wanted: str, *, problem: str = "", username: str = "", status: int = 200) -> Any:
    values = {"wanted": wanted, "problem": problem, "username": username}
    return await screen.page("login.html", values, status=status)
