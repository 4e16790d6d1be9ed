"""The tables. Columns stand in the order of their record's fields in `server.core.records`."""

from sqlalchemy import (
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
)

from server.storage.database import storable

metadata = MetaData()


class Text(TypeDecorator[str]):
    """Text that every backend keeps alike."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Make a text storable before it goes to the database."""
        return None if value is None else storable(value)


clients = Table(
    "clients",
    metadata,
    Column("client_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("secret_digest", LargeBinary),
    Column("grant_types", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("jwks", Text),
    Column("redirect_uris", Text, nullable=False),
    Column("logout_redirect_uris", Text, nullable=False),
    Column("serves", Text, nullable=False),
    Column("resources", Text, nullable=False),
    Column("id_token_alg", Text, nullable=False),
    Column("dpop_bound", Boolean, nullable=False),
    Column("pushed_only", Boolean, nullable=False),
    Column("password_until", Float),
    Column("origins", Text, nullable=False),
    Column("return_code", Boolean, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("username", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("email", Text),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("subject", Text, ForeignKey("accounts.subject"), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("seen_at", Float, nullable=False, index=True),
)

device_authorizations = Table(
    "device_authorizations",
    metadata,
    Column("device_code_digest", LargeBinary, primary_key=True),
    Column("user_code_digest", LargeBinary, nullable=False, unique=True),
    Column("user_code_length", Integer, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("code_challenge", Text),
    Column("address", Text, nullable=False),
    Column("user_agent", Text, nullable=False),
    Column("device_name", Text, nullable=False),
    Column("interval", Integer, nullable=False),
    Column("issued_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False, index=True),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("subject", Text),
    Column("session_digest", LargeBinary),
    Column("decided_at", Float),
    Column("redeemed_at", Float),
    Column("grant_id", Text),
    Column("authenticated_at", Float),
    Column("resource", Text, nullable=False),
    Column("dpop_key", Text),
)

grants = Table(
    "grants",
    metadata,
    Column("grant_id", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("subject", Text, nullable=False, index=True),
    Column("scope", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("current", Integer, nullable=False),
    Column("issued", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("revoked_at", Float),
    Column("resource", Text, nullable=False),
    Column("dpop_key", Text),
    Column("authenticated_at", Float),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("grant_id", Text, ForeignKey("grants.grant_id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("expires_at", Float, nullable=False, index=True),
    Index("ix_refresh_tokens_grant_id", "grant_id"),
)

authorization_codes = Table(
    "authorization_codes",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("code_challenge", Text),
    Column("nonce", Text),
    Column("authenticated_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False, index=True),
    Column("resource", Text, nullable=False),
    Column("dpop_key", Text),
    Column("grant_id", Text),
)

pushed_requests = Table(
    "pushed_requests",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("expires_at", Float, nullable=False, index=True),
)

marks = Table(
    "marks",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("expires_at", Float, nullable=False, index=True),
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("kid", Text, primary_key=True),
    Column("algorithm", Text, nullable=False),
    Column("sealed", Text, nullable=False),
    Column("created_at", Float, nullable=False),
)

limit_counters = Table(
    "limit_counters",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("expires_at", Float, nullable=False, index=True),
)
