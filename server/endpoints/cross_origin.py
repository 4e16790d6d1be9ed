"""Which web pages elsewhere may read an answer (CORS, as the Fetch standard has it).

A page is known by its origin, which its browser sends and no script can change. What this decides
is who may read; who may ask is the protocol's business, and no answer here goes by cookies. So
`Access-Control-Allow-Credentials` is never sent.

A preflight names no client: it is answered for every origin that some client lists. The request
after it is answered to the pages of the client that its form names, and to no others.
"""

from enum import Enum, auto

from server.core.authorization_server import AuthorizationServer
from server.core.errors import OAuthError
from server.core.ports import StoreUnavailable
from server.endpoints.form import parse
from server.endpoints.message import ANY_ORIGIN, Answer, HTTPRequest, json_answer

_VARY = ("Vary", "Origin")
_EXPOSED = (
    "Access-Control-Expose-Headers",
    "Preference-Applied, Retry-After, DPoP-Nonce, WWW-Authenticate",
)
# What a listed origin is asked again costs a round trip, and what was unlisted since is refused by
# the request itself: so for as long as any browser remembers.
_PREFLIGHT = (
    ("Access-Control-Allow-Headers", "Content-Type, Prefer, Authorization, DPoP"),
    ("Access-Control-Max-Age", "7200"),
)


class Readers(Enum):
    """Whose pages may read the answers of an endpoint."""

    NOBODY = auto()
    OF_THE_CLIENT = auto()  # that the form names
    # The token is all the proof there is, and it is no secret from the page that sends it.
    OF_ANY_CLIENT = auto()
    EVERYBODY = auto()  # public, the same for all, and so stored with the header that says it


def shown(
    answer: Answer,
    readers: Readers,
    methods: tuple[str, ...],
    request: HTTPRequest,
    server: AuthorizationServer,
) -> Answer:
    """Return the answer to a request with an Origin, with what lets its page read it or not."""
    preflight = request.method == "OPTIONS"
    allowed = ("Access-Control-Allow-Methods", ", ".join(methods))
    if readers is Readers.EVERYBODY and preflight:
        return json_answer({}, headers=(ANY_ORIGIN, allowed, *_PREFLIGHT))
    if readers in {Readers.NOBODY, Readers.EVERYBODY}:
        return answer
    if not _may_read(readers, request, server):
        return answer._replace(headers=(*answer.headers, _VARY))
    origin = ("Access-Control-Allow-Origin", request.origin or "")
    if preflight:
        return json_answer({}, headers=(origin, _VARY, allowed, *_PREFLIGHT))
    return answer._replace(headers=(*answer.headers, origin, _VARY, _EXPOSED))


def _may_read(readers: Readers, request: HTTPRequest, server: AuthorizationServer) -> bool:
    """Tell whether the page may read; without a store none may, and it comes again all the same."""
    origin = request.origin or ""
    try:
        if readers is Readers.OF_ANY_CLIENT or request.method == "OPTIONS":
            return server.may_read(origin)
        return server.may_read(origin, parse(request.body).get("client_id", ""))
    except (OAuthError, StoreUnavailable):
        return False
