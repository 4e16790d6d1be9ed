"""The address without a path."""

from flask import redirect, url_for
from werkzeug import Response


def show() -> Response:
    """Lead to what people come here for."""
    return redirect(url_for("portal.enter_code"), 303)
