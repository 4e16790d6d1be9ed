"""The Flask door to the machine endpoints."""

from collections.abc import Mapping

from flask import Blueprint, Response, request

from server.core.authorization_server import AuthorizationServer
from server.endpoints import Endpoint, respond

# Every method reaches `respond`, so that a wrong one is refused in JSON as well.
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def create_machine_views(
    server: AuthorizationServer, addresses: Mapping[str, Endpoint]
) -> Blueprint:
    """Return a blueprint with one view for each endpoint."""
    blueprint = Blueprint("machine", __name__)
    for path, endpoint in addresses.items():
        blueprint.add_url_rule(
            path,
            endpoint=endpoint.path.strip("/").replace(".", "_"),
            view_func=_view(endpoint, server),
            methods=_METHODS,
            provide_automatic_options=False,
        )
    return blueprint


def _view(endpoint: Endpoint, server: AuthorizationServer):  # type: ignore[no-untyped-def]
    def view() -> Response:
        answer = respond(endpoint, request.environ, server)
        return Response(answer.body, answer.status, answer.headers)

    return view
