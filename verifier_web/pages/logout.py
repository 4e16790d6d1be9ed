"""An application asks to sign the person out (OpenID Connect RP-Initiated Logout 1.0)."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from verifier_web import forms, sent_request
from verifier_web.browser_session import current
from verifier_web.leading_away import LeadingAway


def show() -> ResponseReturnValue:
    """Ask whether to sign out; nobody is signed out by a link."""
    return _show("")


def forward() -> ResponseReturnValue:
    """Turn a posted request into one to look at, with our cookie."""
    return redirect(f"{url_for('portal.logout')}?{sent_request.in_body().query}", 303)


def submit() -> ResponseReturnValue:
    """Sign out, and go where the application may send people afterwards."""
    visit = current()
    asked = visit.server.read_logout(sent_request.in_address().once)
    visit.sign_out()
    if asked.redirect_uri:
        return LeadingAway(asked.redirect_uri)
    return redirect(url_for("portal.logout"), 303)


def again(notice: str) -> ResponseReturnValue:
    """Ask again."""
    return _show(notice)


def _show(notice: str) -> ResponseReturnValue:
    visit, sent = current(), sent_request.in_address()
    asked = visit.server.read_logout(sent.once)
    if visit.session:
        return forms.logout(asked, sent.query, notice=notice)
    if asked.redirect_uri:
        return LeadingAway(asked.redirect_uri)
    return forms.signed_out()
