"""An application asks for access (RFC 6749 4.1.1, OpenID Connect Core 3.1.2): sign in, consent."""

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from server.core.authorization import Consent, Redirect, SignInNeeded
from verifier_web import forms, sent_request
from verifier_web.browser_session import current
from verifier_web.leading_away import LeadingAway
from verifier_web.sent_request import SentRequest


def show() -> ResponseReturnValue:
    """Show what comes next for the request in the address."""
    return go_on(sent_request.in_address())


def forward() -> ResponseReturnValue:
    """Turn a posted request (OpenID Connect Core 3.1.2.1) into one to look at.

    It comes from another site, so without our cookie. The address that it leads to has that.
    """
    return to(sent_request.in_body())


def submit() -> ResponseReturnValue:
    """Take the decision about what this person was asked, however long they thought about it."""
    decision = request.form.get("decision")
    if decision not in {"approve", "deny"}:
        abort(400)
    sent, visit = sent_request.in_address(), current()
    asked, approved = visit.server.read_authorization(sent.pairs), decision == "approve"
    # To say no, nobody needs to have been asked just now.
    was_asked = not approved or visit.sealed(sent.query, request.form.get("seal", ""))
    if isinstance(asked, Redirect) or visit.session is None or not was_asked:
        return go_on(sent, may_be_silent=False)
    return LeadingAway(visit.server.answer_authorization(asked, visit.session, approved).url)


def again(notice: str) -> ResponseReturnValue:
    """Show the request again, undecided."""
    return go_on(sent_request.in_address(), may_be_silent=False, notice=notice)


def to(sent: SentRequest) -> ResponseReturnValue:
    """Lead to the address of a request. Only its query is the application's."""
    return redirect(f"{url_for('portal.authorize')}?{sent.query}", 303)


def go_on(
    sent: SentRequest,
    *,
    may_be_silent: bool = True,
    username: str = "",
    refused: bool = False,
    notice: str = "",
) -> ResponseReturnValue:
    """Ask who is there, ask for consent, or send the person back to the application.

    Who has pressed a button is asked again rather than taken at an earlier word. `username` and
    `refused` are those of a sign-in that did not work. Raises OAuthError where the application must
    not get an answer (RFC 6749 4.1.2.1).
    """
    visit = current()
    asked = visit.server.read_authorization(sent.pairs)
    if isinstance(asked, Redirect):
        return LeadingAway(asked.url)
    step = visit.server.next_step(asked, visit.session, may_be_silent=may_be_silent)
    if isinstance(step, SignInNeeded):
        waiting = forms.Waiting(sent.query, asked.client.name, asked.redirect_uri)
        return forms.sign_in(username=username, waiting=waiting, refused=refused, notice=notice)
    if isinstance(step, Consent):
        return forms.consent(step, sent.query, notice=notice)
    return LeadingAway(step.url)
