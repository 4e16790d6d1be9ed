"""Enter the code that the device shows (RFC 8628 3.3), typed or scanned."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from server.core.records import Session
from server.core.user_code import display, normalize
from server.core.user_interaction import Refused
from verifier_web import error_pages, forms
from verifier_web.browser_session import current


def show() -> ResponseReturnValue:
    """Ask for the code."""
    return forms.enter_code()


def show_scanned(code: str) -> ResponseReturnValue:
    """Ask whether the code of a link is the device's (RFC 8628 3.3.1).

    It is not looked up: link previews and prefetchers come here too.
    """
    return forms.enter_code(user_code=display(normalize(code)), scanned=True)


def submit() -> ResponseReturnValue:
    """Open the request of a code, once it is known who asks."""
    session = current().session
    if session is None:
        return forms.sign_in(user_code=typed())
    return open_request(typed(), session)


def again(notice: str) -> ResponseReturnValue:
    """Show the form again with what was typed."""
    return forms.enter_code(user_code=typed(), notice=notice)


def typed() -> str:
    """Return the code as the person typed it; the core reads it with patience."""
    return request.form.get("user_code", "")


def open_request(user_code: str, session: Session) -> ResponseReturnValue:
    """Claim the request of a code for this person and browser, and go on to the decision."""
    claimed = current().server.claim(user_code, session, request.remote_addr or "")
    if claimed is Refused.TOO_MANY:
        return error_pages.too_many()
    if claimed is Refused.NOT_FOUND:
        return forms.enter_code(user_code=user_code, wrong=True)
    return redirect(url_for("portal.device_request", reference=claimed), 303)
