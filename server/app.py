"""The composition root: casts every role and joins the parts. The one module that knows them all.

The real clock and the real source of randomness are named here and nowhere else.
"""

import os
import time
from typing import NamedTuple
from urllib.parse import urlsplit

from flask import Flask

from server import logs
from server.config import Config, ConfigError, load
from server.core.authorization_server import AuthorizationServer
from server.core.ports import Clock, Entropy, Ports, StoreUnavailable
from server.core.user_code import UserCodes
from server.endpoints import addresses
from server.endpoints.message import LARGEST_BODY
from server.grants import GRANT_TYPES
from server.passwords import Argon2PasswordHasher
from server.secret_file import derive, load_secret
from server.signing import SealError, SigningKeys, generate_key, seal, unseal
from server.storage.accounts import SQLAccounts
from server.storage.clients import SQLClients
from server.storage.database import Database
from server.storage.device_authorizations import SQLDeviceAuthorizations
from server.storage.grants import SQLGrants
from server.storage.sessions import SQLSessions
from server.storage.signing_keys import SQLSigningKeys
from server.views import create_machine_views
from server.waiting_room.local import LocalWaitingRoom
from server.wsgi import FrontDoor
from verifier_web.blueprint import create_portal
from verifier_web.error_pages import register_error_pages
from verifier_web.security_headers import add_security_headers


class Application(NamedTuple):
    """Pairlight, put together."""

    server: AuthorizationServer
    flask: Flask
    wsgi: FrontDoor  # what servers run
    database: Database


def build(config: Config, clock: Clock = time.time, entropy: Entropy = os.urandom) -> Application:
    """Put everything together. Raises ConfigError when the database or secret cannot be used."""
    secret = load_secret(config, entropy)
    database = Database(config.database)
    try:
        database.migrate()
        ports = _ports(config, database, secret, clock, entropy)
    except (StoreUnavailable, SealError) as error:
        database.close()
        raise _cannot_start(config, error) from error
    server = AuthorizationServer(config, ports, GRANT_TYPES)
    flask = _flask(config, server, secret)
    front_door = FrontDoor(flask, server, addresses(config.issuer))
    return Application(server, flask, front_door, database)


def create_app(config: Config) -> Flask:
    """Return the Flask application alone: every page and every machine endpoint."""
    return build(config).flask


def create_wsgi() -> FrontDoor:
    """Return the callable that WSGI servers run, configured by file and environment."""
    logs.configure(audit=True)
    return build(load()).wsgi


def _cannot_start(config: Config, error: Exception) -> ConfigError:
    if isinstance(error, SealError):
        return ConfigError(
            f"the secret is not the one that the database {config.database_path} was made with",
            "give back its .secret file or PAIRLIGHT_SECRET; without it, start with a new database",
        )
    return ConfigError(
        f"cannot use the database {config.database_path}: {error}",
        "check that the directory exists and can be written, and that no other program locks it",
    )


def _ports(
    config: Config, database: Database, secret: bytes, clock: Clock, entropy: Entropy
) -> Ports:
    return Ports(
        clients=SQLClients(database),
        accounts=SQLAccounts(database),
        sessions=SQLSessions(database, config.session_idle_lifetime),
        device_authorizations=SQLDeviceAuthorizations(database),
        grants=SQLGrants(database),
        waiting_room=LocalWaitingRoom(),
        signer=_signing_keys(SQLSigningKeys(database), derive(secret, "signing keys"), clock()),
        password_hasher=Argon2PasswordHasher(),
        user_codes=UserCodes(derive(secret, "user codes")),
        clock=clock,
        entropy=entropy,
        audit=logs.log_event,
    )


def _signing_keys(store: SQLSigningKeys, sealing_key: bytes, now: float) -> SigningKeys:
    def make_first() -> tuple[str, str]:
        key = generate_key()
        return key.thumbprint(), seal(key, sealing_key)

    return SigningKeys([unseal(sealed, sealing_key) for sealed in store.load(make_first, now)])


def _flask(config: Config, server: AuthorizationServer, secret: bytes) -> Flask:
    flask = Flask("pairlight", static_folder=None)
    flask.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    flask.register_blueprint(create_machine_views(server, addresses(config.issuer)))
    portal = create_portal(server, derive(secret, "browser sessions"))
    flask.register_blueprint(portal, url_prefix=urlsplit(config.issuer).path or None)
    register_error_pages(flask)
    add_security_headers(flask, issuer_is_https=config.issuer.startswith("https:"))
    return flask
