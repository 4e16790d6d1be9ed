"""Look at what the device asks for, approve or deny, and see how it stands."""

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from server.core.states import State
from server.core.user_interaction import DeviceRequest, Refused
from verifier_web import error_pages, forms
from verifier_web.browser_session import current


def show(reference: str) -> ResponseReturnValue:
    """Show a request to the session that opened it."""
    device = _find(reference)
    if device is None:
        return forms.code_not_open()
    return forms.confirm(device) if device.state is State.CLAIMED else forms.outcome(device)


def submit(reference: str) -> ResponseReturnValue:
    """Take the decision. The address names the request, whatever other tabs have open."""
    device, session = _find(reference), current().session
    if device is None or session is None:
        return forms.code_not_open()
    match request.form.get("decision"):
        case "approve":
            if device.state is State.CLAIMED and request.form.get("possession") != "yes":
                return forms.confirm(device, unticked=True)
            if current().server.approve(reference, session) is Refused.ENOUGH_TODAY:
                return error_pages.enough_today()
        case "deny":
            current().server.deny(reference, session)
        case "withdraw":
            current().server.withdraw(reference, session)
        case _:
            abort(400)
    return redirect(url_for("portal.device_request", reference=reference), 303)


def again(notice: str, reference: str) -> ResponseReturnValue:
    """Show the request again, undecided."""
    device = _find(reference)
    if device is None:
        return forms.enter_code(notice=notice)
    if device.state is not State.CLAIMED:
        return forms.outcome(device)
    return forms.confirm(device, notice=notice)


def _find(reference: str) -> DeviceRequest | None:
    visit = current()
    return visit.server.find_device_request(reference, visit.session) if visit.session else None
