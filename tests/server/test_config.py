"""The configuration: where values come from, and what stops the start."""

from pathlib import Path
from typing import Any

import pytest

from server.config import Config, load, make
from server.config_checks import ConfigError, is_loopback, warnings

SECRET = "a secret for tests, long enough."


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    """Give the place of a configuration file."""
    return tmp_path / "pairlight.toml"


# Where values come from


def test_defaults_are_good() -> None:
    """With nothing set, the server starts for this machine alone. RFC 8628 3.1."""
    config = load(environ={})
    assert (config.issuer, config.host) == ("http://localhost:8628", "127.0.0.1")


def test_the_file_wins_over_defaults(toml: Path) -> None:
    """A key in the file replaces the default. MD-02."""
    toml.write_text('issuer = "https://tv.example"')
    assert load(toml, {}).issuer == "https://tv.example"


def test_the_environment_wins_over_the_file(toml: Path) -> None:
    """A key in the environment replaces the one in the file. MD-02."""
    toml.write_text("port = 1000\npoll_interval = 7")
    config = load(toml, {"PAIRLIGHT_PORT": "2000"})
    assert (config.port, config.poll_interval) == (2000, 7)


def test_the_environment_names_the_file(toml: Path) -> None:
    """PAIRLIGHT_CONFIG is where the file is, when no argument says so. DAE-20."""
    toml.write_text("poll_interval = 7")
    assert load(environ={"PAIRLIGHT_CONFIG": str(toml)}).poll_interval == 7


def test_an_argument_wins_over_the_named_file(toml: Path) -> None:
    """A path that was given is read, whatever PAIRLIGHT_CONFIG names. DAE-20."""
    toml.write_text("poll_interval = 7")
    assert load(toml, {"PAIRLIGHT_CONFIG": "/nowhere"}).poll_interval == 7


def test_an_empty_name_is_no_file() -> None:
    """An empty PAIRLIGHT_CONFIG counts as not set. RFC 8628 3.1."""
    assert load(environ={"PAIRLIGHT_CONFIG": ""}) == make()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("port", "8000", 8000),
        ("allow_plain_http", "true", True),
        ("audience", "8000", "8000"),
        ("scopes", '{ tv = "Watch" }', {"tv": "Watch"}),
    ],
)
def test_the_environment_speaks_toml(name: str, text: str, value: object) -> None:
    """A variable holds a TOML value; text needs no quotes. MD-02."""
    config = load(environ={f"PAIRLIGHT_{name.upper()}": text})
    assert getattr(config, name) == value


def test_other_variables_are_left_alone() -> None:
    """Only names that begin with PAIRLIGHT_ are ours. MD-02."""
    assert load(environ={"PORT": "1", "LANG": "C"}).port == 8628


def test_the_default_issuer_has_the_port() -> None:
    """Where no issuer is set, it is this machine at the port. MD-01."""
    assert make(port=9000).issuer == "http://localhost:9000"


@pytest.mark.parametrize(
    "issuer",
    [
        "https://tv.example",
        "https://tv.example:8443/tv/sign-in",
        "http://localhost",
        "http://127.0.0.1:80",
        "http://127.1.2.3",
        "http://[::1]:8628",
    ],
)
def test_an_issuer_is_taken_as_it_is(issuer: str) -> None:
    """An https address, or this machine, with or without a path, stays byte for byte. MD-01."""
    assert make(issuer=issuer).issuer == issuer


@pytest.mark.parametrize(
    "values",
    [
        {"issuer": "http://192.0.2.7:8628"},
        {"host": "0.0.0.0"},
    ],
)
def test_plain_http_can_be_allowed(values: dict[str, Any]) -> None:
    """allow_plain_http opens what DAE-07 closes."""
    assert make(allow_plain_http=True, **values).allow_plain_http


def test_tls_in_front_may_listen_anywhere() -> None:
    """With an https issuer the host is a proxy's business. DAE-07."""
    assert make(issuer="https://tv.example", host="0.0.0.0").host == "0.0.0.0"


@pytest.mark.parametrize(
    ("values", "begins"),
    [
        ({}, []),
        ({"device_code_lifetime": 900}, []),
        ({"device_code_lifetime": 901}, ["device_code_lifetime is 901 s."]),
        ({"issuer": "https://tv.example"}, []),
        ({"issuer": "https://tv.example", "host": "0.0.0.0"}, ["0.0.0.0:8628 itself speaks"]),
        ({"issuer": "https://tv.example", "host": "::"}, [":::8628 itself speaks plain http"]),
        ({"issuer": "https://tv.example", "host": "192.168.1.7"}, ["192.168.1.7:8628 itself"]),
        (
            {"issuer": "https://tv.example", "host": "0.0.0.0", "trusted_proxies": "10.0.0.1"},
            [],
        ),
        ({"issuer": "http://192.0.2.7", "allow_plain_http": True}, ["plain http. Everyone"]),
        (
            {"issuer": "http://192.0.2.7", "allow_plain_http": True, "device_code_lifetime": 3600},
            ["plain http. Everyone", "device_code_lifetime is 3600 s."],
        ),
    ],
)
def test_what_is_risky_is_warned_of(values: dict[str, Any], begins: list[str]) -> None:
    """What can work and should be known is said in one line each. COD-06, DAE-07."""
    found = warnings(make(**values))
    assert [line[: len(start)] for line, start in zip(found, begins, strict=True)] == begins
    assert not [line for line in found if "\n" in line]


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("localhost", True),
        ("LOCALHOST", True),
        ("127.255.0.1", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("localhost.example", False),
        ("127.0.0.1.example", False),
        ("", False),
    ],
)
def test_what_this_machine_is(host: str, answer: bool) -> None:
    """Only addresses that never leave the machine are loopback. DAE-07."""
    assert is_loopback(host) is answer


def test_the_secret_is_never_shown() -> None:
    """The secret is in no repr. COD-10."""
    assert SECRET not in repr(make(secret=SECRET))


@pytest.mark.parametrize("value", [SECRET.encode(), [SECRET], 10**40])
def test_a_wrong_secret_is_not_shown(value: object) -> None:
    """A secret of the wrong type is refused without repeating it. COD-10."""
    with pytest.raises(ConfigError, match=r"^secret must be text$"):
        make(secret=value)


POSTGRESQL = "postgresql://pairlight:hidden%40word@db.example:5433/tv?sslmode=verify-full"


def test_the_password_of_the_database_is_never_shown() -> None:
    """A PostgreSQL database is named by host and name; its password is in no repr. COD-10."""
    config = make(database=POSTGRESQL, secret=SECRET)
    assert (config.database, config.database_path) == (POSTGRESQL, None)
    assert config.database_name == "db.example:5433/tv"
    assert "hidden" not in repr(config)


@pytest.mark.parametrize(
    ("database", "name"),
    [
        ("postgresql:///tv", "local/tv"),
        ("postgresql://ada@/tv?host=/run/postgresql&password=hidden", "local/tv"),
        ("postgresql://ada:a@b@one.example,two.example/tv", "one.example,two.example/tv"),
        ("sqlite:////var/lib/tv.db", "/var/lib/tv.db"),
    ],
)
def test_a_database_has_a_name_for_people(database: str, name: str) -> None:
    """Messages name the database so that the operator knows which one. LO-02."""
    assert make(database=database, secret=SECRET).database_name == name


@pytest.mark.parametrize(
    ("database", "secret", "message"),
    [
        (POSTGRESQL, "", "secret must be set with a PostgreSQL database: all hosts need the same"),
        ("postgresql://ada:hidden@[::1/tv", SECRET, "database is not a URL"),
        ("postgres://ada:hidden@host/tv", SECRET, "database must be the URL of an SQLite file or"),
        ("postgresql:ada:hidden@host/tv", SECRET, "database must be the URL of an SQLite file or"),
        (["postgresql://ada:hidden@host/tv"], SECRET, "database must be text"),
        ("postgresql://ada:hidden\n@host/tv", SECRET, "database holds characters that cannot be"),
    ],
)
def test_an_impossible_database_is_refused_without_its_password(
    database: object, secret: str, message: str
) -> None:
    """Whatever is wrong with the URL of a database, the one line does not repeat it. COD-10."""
    with pytest.raises(ConfigError, match=f"^{message}") as caught:
        make(database=database, secret=secret)
    assert "hidden" not in f"{caught.value} {caught.value.hint}"
    assert caught.value.__cause__ is None


def test_the_path_of_the_database() -> None:
    """Three slashes are for a relative path, four for an absolute one. STM-09."""
    assert make(database="sqlite:///a/b.db").database_path == Path("a/b.db")
    assert make(database="sqlite:////a/b.db").database_path == Path("/a/b.db")


# What stops the start


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("isuer", "did you mean issuer?"),
        ("Port", "did you mean port?"),
        ("polling_interval", "did you mean poll_interval?"),
        ("device_lifetime", "did you mean device_code_lifetime?"),
        ("colour", "docs/configuration.md lists every key with its default"),
        ("", "docs/configuration.md lists every key with its default"),
    ],
)
def test_an_unknown_key_is_refused(key: str, hint: str) -> None:
    """A key that does not exist stops the start and hints at the nearest that does. MD-02."""
    with pytest.raises(ConfigError, match=f"^unknown configuration key: {key}$") as caught:
        make(**{key: 1})
    assert caught.value.hint == hint


def test_an_unknown_variable_is_refused() -> None:
    """A typing mistake in the environment stops the start as well. MD-02."""
    with pytest.raises(ConfigError, match="unknown configuration key: isuer"):
        load(environ={"PAIRLIGHT_ISUER": "https://tv.example"})


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("port", "x", "port must be a whole number, not 'x'"),
        ("port", True, "port must be a whole number, not True"),
        ("port", 1.5, "port must be a whole number, not 1.5"),
        ("allow_plain_http", 1, "allow_plain_http must be true or false, not 1"),
        ("issuer", 1, "issuer must be text, not 1"),
        ("scopes", "profile", "scopes must be a table, not 'profile'"),
        ("scopes", ["profile"], "scopes must be a table, not ['profile']"),
        ("host", "a\nb", "host holds characters that cannot be printed"),
        ("secret", "\udcff" * 32, "secret holds characters that cannot be printed"),
        ("port", 0, "port must be from 1 to 65535, not 0"),
        ("port", 65536, "port must be from 1 to 65535, not 65536"),
        ("poll_interval", 0, "poll_interval must be from 1 to 60, not 0"),
        ("poll_interval", 61, "poll_interval must be from 1 to 60, not 61"),
        ("user_code_length", 5, "user_code_length must be from 6 to 32, not 5"),  # RFC 8628 6.1
        ("user_code_length", 33, "user_code_length must be from 6 to 32, not 33"),
        ("device_code_lifetime", 0, "device_code_lifetime must be from 1 to 2147483647, not 0"),
        ("access_token_lifetime", -1, "access_token_lifetime must be from 1 to 2147483647, not -1"),
        ("grant_lifetime", 2**31, "grant_lifetime must be from 1 to 2147483647, not 2147483648"),
        ("session_lifetime", 0, "session_lifetime must be from 1 to 2147483647, not 0"),
        ("secret", "x" * 31, "secret is shorter than 32 characters"),
        (
            "database",
            "pairlight.db",
            "database must be the URL of an SQLite file or of a PostgreSQL database",
        ),
        (
            "database",
            "mysql://x/y",
            "database must be the URL of an SQLite file or of a PostgreSQL database",
        ),
        (
            "database",
            "sqlite:///",
            "database must be the URL of an SQLite file or of a PostgreSQL database",
        ),
        (
            "database",
            "sqlite:///.",
            "database must be the URL of an SQLite file or of a PostgreSQL database",
        ),
        (
            "database",
            "sqlite:///:memory:",
            "database must be the URL of an SQLite file or of a PostgreSQL database",
        ),
        (
            "database",
            "sqlite:///a.db?mode=ro",
            "database must be the URL of an SQLite file or of a PostgreSQL database",
        ),
        ("database", "sqlite:///a.secret", "database must not end in .secret: a.secret"),
        ("scopes", {}, "scopes is empty"),
        ("scopes", {"profile": 1}, "scopes: profile must say in plain words what it allows, not 1"),
        ("scopes", {"tv": " "}, "scopes: tv must say in plain words what it allows, not ' '"),
        ("scopes", {"a b": "x"}, "scopes: 'a b' is not a scope"),  # RFC 6749 3.3
        ("scopes", {'"': "x"}, "scopes: '\"' is not a scope"),
        ("scopes", {"\\": "x"}, "scopes: '\\\\' is not a scope"),
        ("scopes", {"é": "x"}, "scopes: 'é' is not a scope"),
        ("scopes", {"": "x"}, "scopes: '' is not a scope"),
    ],
)
def test_an_impossible_value_is_refused(key: str, value: object, message: str) -> None:
    """A value of the wrong type or out of range stops the start, in one sentence. COD-01."""
    with pytest.raises(ConfigError) as caught:
        make(**{key: value})
    assert (str(caught.value), bool(caught.value.hint)) == (message, True)


@pytest.mark.parametrize(
    ("issuer", "message"),
    [
        ("", "issuer is not a web address: "),
        ("tv.example", "issuer is not a web address: tv.example"),
        ("ftp://tv.example", "issuer is not a web address: ftp://tv.example"),
        ("https://", "issuer is not a web address: https://"),
        ("https://tv.example:99999", "issuer is not a web address: https://tv.example:99999"),
        ("https://tv.example:x", "issuer is not a web address: https://tv.example:x"),
        ("https://[::1", "issuer is not a web address: https://[::1"),
        *[
            (issuer, f"issuer has more than a web address and a plain path: {issuer}")
            for issuer in (
                "https://tv.example/",
                "https://tv.example/a/",
                "https://tv.example//a",
                "https://tv.example/../a",
                "https://tv.example/a%20b",
                "https://tv.example?a=b",
                "https://tv.example?",
                "https://tv.example/#a",
                "https://tv.example#",
                "https://ada@tv.example",
                "https://@tv.example",
                "https://ada:pw@tv.example",
                "https://tv.example\\@evil.example",
                "https://tv example",
                "https://tv.exämple",
                "HTTPS://tv.example",
            )
        ],
        ("http://tv.example", "issuer must be https off this machine: http://tv.example"),
        ("http://0.0.0.0", "issuer must be https off this machine: http://0.0.0.0"),
        ("http://192.0.2.7", "issuer must be https off this machine: http://192.0.2.7"),
    ],
)
def test_a_bad_issuer_is_refused(issuer: str, message: str) -> None:
    """The issuer is https off this machine, with no query, fragment, user or last slash. MD-02."""
    with pytest.raises(ConfigError) as caught:
        make(issuer=issuer)
    assert (str(caught.value), bool(caught.value.hint)) == (message, True)


def test_a_plain_listener_for_others_is_refused() -> None:
    """A plain http server does not listen where other machines reach it. DAE-07."""
    with pytest.raises(ConfigError, match=r"^host 0\.0\.0\.0 can be reached from other machines"):
        make(host="0.0.0.0")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"port = ", "is not valid TOML: Invalid value"),
        (b"issuer = https://tv.example", "is not valid TOML: Invalid value"),
        (b"port = 1\nport = 2", "is not valid TOML: Cannot overwrite a value"),
        (b'audience = "\xff"', "is not UTF-8"),
        (b"\xff\xfe", "is not UTF-8"),
    ],
)
def test_a_broken_file_is_refused(toml: Path, content: bytes, message: str) -> None:
    """A file that is no UTF-8 or no TOML is named, with what is wrong. MD-02."""
    toml.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load(toml, {})
    assert str(caught.value).startswith(f"{toml} {message}")


def test_a_missing_file_is_refused(toml: Path) -> None:
    """A named file that is not there stops the start. MD-02."""
    with pytest.raises(ConfigError, match="No such file or directory") as caught:
        load(toml, {})
    assert str(toml) in str(caught.value)


def test_a_directory_is_no_configuration(tmp_path: Path) -> None:
    """A directory in the file's place stops the start. MD-02."""
    with pytest.raises(ConfigError, match="Is a directory"):
        load(tmp_path, {})


def test_a_table_is_no_key(toml: Path) -> None:
    """Keys stand at the top of the file; a section is an unknown key. MD-02."""
    toml.write_text("[server]\nport = 1")
    with pytest.raises(ConfigError, match="unknown configuration key: server"):
        load(toml, {})


def test_a_configuration_cannot_be_changed() -> None:
    """What was checked stays so. MD-02."""
    config: Any = Config()
    with pytest.raises(AttributeError):
        config.port = 0
