"""The portal as one Flask blueprint: addresses, and what happens around each page."""

from flask import Blueprint, Response, g, request
from flask.blueprints import BlueprintSetupState

from server.core.authorization_server import AuthorizationServer
from server.core.errors import OAuthError
from verifier_web import error_pages
from verifier_web.browser_session import BrowserSession, cookie_name
from verifier_web.form_guard import guarded
from verifier_web.pages import authorize, decide, enter_code, home, logout, sign_in
from verifier_web.plain_words import FILTERS

_STATIC_MAX_AGE = 600  # seconds: one sign-in loads the stylesheet once

# Address, name, view. None of these decides anything: link previews and prefetchers come too.
_PAGES = (
    ("/", "home", home.show),
    ("/device", "enter_code", enter_code.show),
    ("/D/<code>", "scanned", enter_code.show_scanned),
    ("/d/<code>", "scanned_small", enter_code.show_scanned),
    ("/device/<reference>", "device_request", decide.show),
    ("/sign-in", "sign_in", sign_in.show),
    ("/authorize", "authorize", authorize.show),
    ("/logout", "logout", logout.show),
)

# Address, name, view of what other sites may post. It changes nothing and leads to a page above.
_FORWARDED = (
    ("/authorize", "forward_authorize", authorize.forward),
    ("/logout", "forward_logout", logout.forward),
)

# Address, name, view of a posted form, and how it is shown again. No other way leads to a POST.
_FORMS = (
    ("/device", "submit_code", enter_code.submit, enter_code.again),
    ("/device/<reference>", "decide", decide.submit, decide.again),
    ("/sign-in", "submit_sign_in", sign_in.submit, sign_in.again),
    ("/sign-out", "sign_out", sign_in.sign_out, sign_in.sign_out_again),
    ("/authorize/decision", "decide_authorize", authorize.submit, authorize.again),
    ("/logout/decision", "decide_logout", logout.submit, logout.again),
)

# Forms that carry an application's request; a form may write each of its letters as three.
_CARRYING = frozenset({"portal.submit_sign_in", "portal.sign_out"})
_LARGEST_CARRYING = 64 * 1024  # bytes


def create_portal(server: AuthorizationServer, cookie_key: bytes) -> Blueprint:
    """Make the portal of a server. `cookie_key` is secret and the same in all its processes."""
    portal = Blueprint(
        "portal",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path="/assets",
    )
    for path, name, view in _PAGES:
        portal.add_url_rule(path, name, view, methods=["GET"], strict_slashes=False)
    for path, name, view in _FORWARDED:
        portal.add_url_rule(path, name, view, methods=["POST"])
    for path, name, submit, again in _FORMS:
        portal.add_url_rule(path, name, guarded(submit, again), methods=["POST"])

    @portal.before_request
    def arrive() -> None:
        sent = request.cookies.get(cookie_name(server.settings.issuer))
        g.browser_session = BrowserSession(server, cookie_key, sent)
        if request.endpoint in _CARRYING:
            request.max_content_length = _LARGEST_CARRYING

    @portal.after_request
    def leave(response: Response) -> Response:
        if request.endpoint == "portal.static":
            response.headers["Cache-Control"] = f"public, max-age={_STATIC_MAX_AGE}"
        elif visit := g.get("browser_session"):
            visit.save(response)
        return response

    portal.register_error_handler(OAuthError, error_pages.application_refused)
    portal.record(_prepare)
    return portal


def _prepare(state: BlueprintSetupState) -> None:
    """Prepare the application for the portal's templates and addresses."""
    state.app.jinja_env.filters.update(FILTERS)
    state.app.jinja_env.trim_blocks = state.app.jinja_env.lstrip_blocks = True
    # Flask would send `//device` on to `/device` by 308 and by the Host header: both not our way.
    state.app.url_map.merge_slashes = False
