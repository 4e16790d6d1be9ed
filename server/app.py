"""The composition root: casts every role and joins the parts. The one module that knows them all.

The real clock and the real source of randomness are named here and nowhere else.
"""

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from flask import Flask

from server import logs
from server.config import Config, load
from server.config_checks import ConfigError
from server.core.authorization_server import AuthorizationServer
from server.core.ports import Clock, Entropy, Ports, StoreUnavailable, WaitingRoom
from server.core.user_code import UserCodes
from server.counting import QuickCounters
from server.endpoints import addresses
from server.endpoints.message import LARGEST_BODY
from server.grants import offered
from server.jwt_reader import JoseJWTReader
from server.passwords import Argon2PasswordHasher
from server.proxies import TrustedProxies
from server.qr import make_symbol
from server.secret_file import derive, load_secret
from server.signing import SealError, SigningKeys
from server.storage.accounts import SQLAccounts
from server.storage.authorization_codes import SQLAuthorizationCodes
from server.storage.cached_clients import CachedClients
from server.storage.cleaning import Cleaner
from server.storage.clients import SQLClients
from server.storage.database import Database, open_database
from server.storage.device_authorizations import SQLDeviceAuthorizations
from server.storage.grants import SQLGrants
from server.storage.limits import CountedLimits, SQLStorage
from server.storage.marks import SQLMarks
from server.storage.pushed_requests import SQLPushedRequests
from server.storage.sessions import SQLSessions
from server.storage.signing_keys import SQLSigningKeys
from server.views import create_machine_views
from server.waiting_room.local import LocalWaitingRoom
from server.wsgi import FrontDoor
from verifier_web.blueprint import create_portal
from verifier_web.error_pages import register_error_pages
from verifier_web.security_headers import add_security_headers
from verifier_web.tv_page import create_tv_page

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_TV_PAGE = Path(__file__).parent.parent / "device_client" / "tv"


class Application(NamedTuple):
    """Pairlight, put together."""

    server: AuthorizationServer
    flask: Flask
    wsgi: "WSGIApplication"  # what servers run
    database: Database
    cleaner: Cleaner

    def close(self) -> None:
        """Let go of everything that is open or runs in the background."""
        self.cleaner.close()
        self.server.ports.waiting_room.close()
        self.database.close()


def build(config: Config, clock: Clock = time.time, entropy: Entropy = os.urandom) -> Application:
    """Put everything together. Raises ConfigError when the database or secret cannot be used."""
    secret = load_secret(config, entropy)
    try:
        database = open_database(config.database)
    except StoreUnavailable as error:
        raise _cannot_start(config, error) from error
    try:
        database.migrate()
        ports = _ports(config, database, secret, clock, entropy)
    except (StoreUnavailable, SealError) as error:
        database.close()
        raise _cannot_start(config, error) from error
    except ConfigError:
        database.close()
        raise
    server = AuthorizationServer(config, ports, offered(config))
    flask = _flask(config, server, secret)
    wsgi: WSGIApplication = FrontDoor(flask, server, addresses(config.issuer))
    if config.trusted_networks:
        wsgi = TrustedProxies(wsgi, config.trusted_networks)
    return Application(server, flask, wsgi, database, Cleaner(database, config, clock, entropy))


def create_app(config: Config) -> Flask:
    """Return the Flask application alone: every page and every machine endpoint."""
    return build(config).flask


def create_wsgi() -> "WSGIApplication":
    """Return the callable that WSGI servers run, configured by file and environment."""
    logs.configure(audit=True)
    # A thread that waits for the interpreter wakes at this pace to ask for it. When thousands come
    # at once to be held, the default of 5 ms would keep them busy with that alone; and none of ours
    # works for long without letting go.
    sys.setswitchinterval(0.1)
    application = build(load())
    application.cleaner.start()
    return application.wsgi


def _cannot_start(config: Config, error: Exception) -> ConfigError:
    if isinstance(error, SealError):
        return ConfigError(
            f"the secret is not the one that the database {config.database_name} was made with",
            "give back its .secret file or PAIRLIGHT_SECRET; without it, start with a new database",
        )
    return ConfigError(
        f"cannot use the database {config.database_name}: {error}",
        "check that it is there and can be written, and that no other program locks it",
    )


def _ports(
    config: Config, database: Database, secret: bytes, clock: Clock, entropy: Entropy
) -> Ports:
    return Ports(
        clients=CachedClients(SQLClients(database), clock),
        accounts=SQLAccounts(database),
        sessions=SQLSessions(database),
        device_authorizations=SQLDeviceAuthorizations(database),
        grants=SQLGrants(database),
        authorization_codes=SQLAuthorizationCodes(database),
        pushed_requests=SQLPushedRequests(database),
        marks=SQLMarks(database),
        waiting_room=_waiting_room(config),
        kept_counters=CountedLimits(SQLStorage(database, clock)),
        quick_counters=QuickCounters(clock),
        qr_maker=make_symbol,
        signer=SigningKeys(SQLSigningKeys(database), derive(secret, "signing keys"), clock, config),
        jwt_reader=JoseJWTReader(),
        password_hasher=Argon2PasswordHasher(),
        nonce_key=derive(secret, "DPoP nonces"),
        user_codes=UserCodes(derive(secret, "user codes")),
        clock=clock,
        entropy=entropy,
        audit=logs.log_event,
    )


def _waiting_room(config: Config) -> WaitingRoom:
    """Share the room between this host's workers by a file, between hosts by Redis."""
    shared = config.shared_file if config.workers > 1 else None
    local = LocalWaitingRoom(shared, config.held_polls)
    if not config.waiting_room:
        return local
    try:
        from server.waiting_room.redis import RedisWaitingRoom  # noqa: PLC0415 - an extra
    except ImportError:
        raise ConfigError(
            "waiting_room needs the redis package", "install pairlight[redis]"
        ) from None
    try:
        return RedisWaitingRoom(config.waiting_room, local)
    except ValueError:
        raise ConfigError(
            "waiting_room is not the URL of a Redis", "for example redis://127.0.0.1:6379/0"
        ) from None


def _flask(config: Config, server: AuthorizationServer, secret: bytes) -> Flask:
    flask = Flask("pairlight", static_folder=None)
    flask.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    flask.register_blueprint(create_machine_views(server, addresses(config.issuer)))
    portal = create_portal(server, derive(secret, "browser sessions"))
    base = urlsplit(config.issuer).path or None
    flask.register_blueprint(portal, url_prefix=base)
    if config.tv_page:
        page = create_tv_page(_TV_PAGE, config.issuer, config.tv_page)
        flask.register_blueprint(page, url_prefix=base)
    register_error_pages(flask)
    add_security_headers(flask, issuer_is_https=config.issuer.startswith("https:"))
    return flask
