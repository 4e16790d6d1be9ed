"""The portal's forms as a person meets them: fresh, or again with a word on what to mend."""

from typing import NamedTuple

from flask import Response, make_response, render_template

from server.core.authorization import Consent
from server.core.logout import Logout
from server.core.user_code import display, normalize
from server.core.user_interaction import DeviceRequest
from verifier_web.browser_session import current
from verifier_web.security_headers import leading_to

_LONGEST_KEPT = 100  # characters of a mistake that are shown again


class Waiting(NamedTuple):
    """An application's request that waits for a sign-in."""

    query: str
    client_name: str
    redirect_uri: str


def enter_code(
    *, user_code: str = "", scanned: bool = False, wrong: bool = False, notice: str = ""
) -> Response:
    """Ask for the code that the device shows.

    `scanned` means that the code came in a link. `wrong` is one answer for every code that opens
    nothing, whatever the reason: a guesser learns nothing from it.
    """
    return _page(
        "enter_code.html",
        400 if wrong or notice else 200,
        user_code=user_code[:_LONGEST_KEPT],
        scanned=scanned,
        wrong=wrong,
        notice=notice,
    )


def code_not_open() -> Response:
    """Answer for a device request that this session did not open, whether or not it exists."""
    notice = "That request is not open in this browser. Enter the code your device shows."
    page = enter_code(notice=notice)
    page.status_code = 404
    return page


def sign_in(
    *,
    username: str = "",
    user_code: str = "",
    waiting: Waiting | None = None,
    refused: bool = False,
    notice: str = "",
) -> Response:
    """Ask who is there. What comes next waits in the form: a code is never in the address."""
    page = _page(
        "sign_in.html",
        400 if refused or notice else 200,
        username=username[:_LONGEST_KEPT],
        user_code=user_code[:_LONGEST_KEPT],
        shown_code=display(normalize(user_code)),
        waiting=waiting,
        refused=refused,
        notice=notice,
    )
    return leading_to(waiting.redirect_uri, page) if waiting else page


def confirm(device: DeviceRequest, *, unticked: bool = False, notice: str = "") -> Response:
    """Show who asks for what, and ask for a decision."""
    visit = current()
    return _page(
        "confirm.html",
        400 if unticked or notice else 200,
        device=device,
        age=visit.server.ports.clock() - device.issued_at,
        unticked=unticked,
        notice=notice,
    )


def consent(asked: Consent, query: str, *, notice: str = "") -> Response:
    """Show which application asks for what, and ask for a decision."""
    page = _page("consent.html", 400 if notice else 200, asked=asked, query=query, notice=notice)
    return leading_to(asked.redirect_uri, page)


def logout(asked: Logout, query: str, *, notice: str = "") -> Response:
    """Ask whether to sign out."""
    page = _page("logout.html", 400 if notice else 200, asked=asked, query=query, notice=notice)
    return leading_to(asked.redirect_uri or "", page)


def signed_out() -> Response:
    """Say that nobody is signed in here any more."""
    return _page("signed_out.html", 200)


def outcome(device: DeviceRequest) -> Response:
    """Say how a decided or expired request stands, and where to go on."""
    return _page("outcome.html", 200, device=device)


def _page(template: str, status: int, **facts: object) -> Response:
    return make_response(render_template(template, visit=current(), **facts), status)
