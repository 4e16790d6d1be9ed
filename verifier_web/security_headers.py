"""What every answer of the application tells browsers not to do."""

import re
from collections.abc import Mapping

from flask import Flask, Response, request

_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "object-src 'none'; frame-ancestors 'none'; form-action 'self'"
)
_ONE_YEAR = 365 * 86400

# The start of a URI, in letters that mean nothing else in the policy (CSP 3, 2.3.1).
_WEB = re.compile(r"(https?://)(?:[A-Za-z0-9._-]+|(\[[0-9A-Fa-f:.]+\]))(:[0-9]{1,5})?(?=[/?]|\Z)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+-]*\.[A-Za-z0-9+.-]*:")  # as RFC 8252 7.1 has them


def headers(issuer_is_https: bool) -> Mapping[str, str]:
    """Return the headers of every answer."""
    always = {
        "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
        # Not no-referrer: with that, browsers post our own forms with `Origin: null`.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Cache-Control": "no-store",
    }
    if issuer_is_https:
        return always | {"Strict-Transport-Security": f"max-age={_ONE_YEAR}"}
    return always


def leading_to(redirect_uri: str, page: Response) -> Response:
    """Let the forms of a page lead to an application: Chromium minds where a form ends up.

    From its own address an application may send the browser on, to any other with TLS.
    """
    source = form_source(redirect_uri)
    onward = " https:" if source.startswith("http") else ""
    policy = f"{_CONTENT_SECURITY_POLICY} {source}{onward}".rstrip()
    page.headers["Content-Security-Policy"] = policy
    return page


def form_source(redirect_uri: str) -> str:
    """Return the origin or scheme of a URI as the policy names it, or nothing for an odd one.

    The policy has no word for an IPv6 address (CSP 3, 2.3.1), so that any host with its port is
    allowed in its place.
    """
    if web := _WEB.match(redirect_uri):
        return f"{web[1]}*{web[3] or ''}" if web[2] else web[0]
    scheme = _SCHEME.match(redirect_uri)
    return scheme[0] if scheme else ""


def add_security_headers(app: Flask, issuer_is_https: bool) -> None:
    """Put the headers on all that the application answers to people, errors included.

    Where a view has set one itself, that one stays. Machine endpoints bring their own.
    """
    ours = headers(issuer_is_https)

    @app.after_request
    def add(response: Response) -> Response:
        if request.blueprint == "machine":
            return response
        for name, value in ours.items():
            response.headers.setdefault(name, value)
        return response
