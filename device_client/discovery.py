"""The authorization server's endpoints, from its metadata (RFC 8414), on both Pythons."""

from .run import parse
from .transport import split


class AnotherIssuer(ValueError):
    """The server calls itself `issuer`, which is not how we do."""

    def __init__(self, issuer: object, expected: str) -> None:
        super().__init__("the server calls itself %s, not %s" % (issuer, expected))
        self.issuer = issuer


def discover(issuer: str, fetch, plain_http: bool = False) -> dict[str, object]:  # type: ignore[no-untyped-def]
    """The metadata of `issuer`, its two endpoints checked, a bad userinfo endpoint left out.

    `fetch(url)` gives (status, body), `plain_http` is as for `transport.request`. OSError when the
    server is not to be reached or in trouble, ValueError, in words for a person, when what it says
    is not to be used.
    """
    metadata: dict[str, object] = {}
    for url in _addresses(issuer):
        status, body = fetch(url)
        if status == 429 or status >= 500:
            raise OSError("%s answered %d" % (url, status))
        metadata = parse(body) if status == 200 else {}
        if metadata:
            break
    if not metadata:
        raise ValueError("%s has no authorization server metadata" % issuer)
    # RFC 8414 section 3.3: character for character, or another server could speak in this one's
    # name.
    if metadata.get("issuer") != issuer:
        raise AnotherIssuer(metadata.get("issuer"), issuer)
    for name in ("device_authorization_endpoint", "token_endpoint"):
        if not isinstance(metadata.get(name), str):
            raise ValueError("%s has no %s" % (issuer, name))  # noqa: TRY004
        split(str(metadata[name]), plain_http)
    try:
        split(str(metadata.get("userinfo_endpoint")), plain_http)
    except ValueError:
        metadata.pop("userinfo_endpoint", None)
    return metadata


def _addresses(issuer: str) -> tuple[str, str]:
    # RFC 8414 section 3.1 puts the well-known part before the issuer's path, OpenID Connect after
    # it.
    scheme, _, rest = issuer.partition("://")
    host, _, path = rest.partition("/")
    path = ("/" + path).rstrip("/")
    return (
        scheme + "://" + host + "/.well-known/oauth-authorization-server" + path,
        scheme + "://" + host + path + "/.well-known/openid-configuration",
    )
