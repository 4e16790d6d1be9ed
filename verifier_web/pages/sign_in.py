"""Sign in and out."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from server.core.user_interaction import Refused
from verifier_web import error_pages, forms, sent_request
from verifier_web.browser_session import current
from verifier_web.pages import authorize, enter_code


def show() -> ResponseReturnValue:
    """Ask who is there, unless that is known."""
    if current().session:
        return redirect(url_for("portal.enter_code"), 303)
    return forms.sign_in()


def submit() -> ResponseReturnValue:
    """Sign in, then go on with the request or the code that waits in the form, if any."""
    visit, sent, user_code = current(), sent_request.in_form(), enter_code.typed()
    refused = visit.sign_in(_username(), request.form.get("password", ""))
    if refused is Refused.TOO_MANY:
        return error_pages.too_many()
    if refused:
        return _form(refused=True)
    if sent:
        return authorize.to(sent)
    if user_code and visit.session:
        return enter_code.open_request(user_code, visit.session)
    return redirect(url_for("portal.enter_code"), 303)


def again(notice: str) -> ResponseReturnValue:
    """Show the form again; a person who signed in elsewhere meanwhile goes on without it."""
    if current().session and not sent_request.in_form():
        return forms.enter_code(user_code=enter_code.typed(), notice=notice)
    return _form(notice=notice)


def sign_out() -> ResponseReturnValue:
    """End the session, here and on the server; an open request is left to another account."""
    visit, sent = current(), sent_request.in_form()
    if visit.session:
        visit.server.release(request.form.get("reference", ""), visit.session)
    visit.sign_out()
    return authorize.to(sent) if sent else redirect(url_for("portal.enter_code"), 303)


def sign_out_again(notice: str) -> ResponseReturnValue:
    """Show the page that tells who is signed in and has the way out."""
    if sent := sent_request.in_form():
        return authorize.go_on(sent, notice=notice)
    return forms.enter_code(notice=notice)


def _form(*, refused: bool = False, notice: str = "") -> ResponseReturnValue:
    """Ask again who is there, with what waits in the form."""
    username = _username()
    if sent := sent_request.in_form():
        return authorize.go_on(sent, username=username, refused=refused, notice=notice)
    return forms.sign_in(
        username=username, user_code=enter_code.typed(), refused=refused, notice=notice
    )


def _username() -> str:
    return request.form.get("username", "")
