"""What every answer of the application tells browsers not to do."""

from collections.abc import Mapping

from flask import Flask, Response, request

_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
_ONE_YEAR = 365 * 86400


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
