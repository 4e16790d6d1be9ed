"""The tables. Columns stand in the order of their record's fields in `server.core.records`."""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

metadata = MetaData()

clients = Table(
    "clients",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("secret_digest", LargeBinary),
    Column("grant_types", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("created_at", Float, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("subject", String, primary_key=True),
    Column("username", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("password_hash", String, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("disabled", Boolean, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("subject", String, ForeignKey("accounts.subject"), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("seen_at", Float, nullable=False, index=True),
)

device_authorizations = Table(
    "device_authorizations",
    metadata,
    Column("device_code_digest", LargeBinary, primary_key=True),
    Column("user_code_digest", LargeBinary, nullable=False, unique=True),
    Column("user_code_length", Integer, nullable=False),
    Column("reference", String, nullable=False, unique=True),
    Column("client_id", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("code_challenge", String),
    Column("address", String, nullable=False),
    Column("user_agent", String, nullable=False),
    Column("interval", Integer, nullable=False),
    Column("issued_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False, index=True),
    Column("state", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("subject", String),
    Column("session_digest", LargeBinary),
    Column("decided_at", Float),
    Column("grant_id", String),
)

grants = Table(
    "grants",
    metadata,
    Column("grant_id", String, primary_key=True),
    Column("client_id", String, nullable=False),
    Column("subject", String, nullable=False, index=True),
    Column("scope", String, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("revoked_at", Float),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("grant_id", String, ForeignKey("grants.grant_id"), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("expires_at", Float, nullable=False),
    Index("ix_refresh_tokens_grant", "grant_id", "generation"),
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("kid", String, primary_key=True),
    Column("sealed", String, nullable=False),
    Column("created_at", Float, nullable=False),
)
