"""What config.json may say, as functions of a path, on CPython and MicroPython alike."""

from device_client.board_config import read
from device_client.board_online import ConfigProblem

LEAST = '"wifi_name": "Home", "issuer": "https://as.example", "client_id": "tv"'


def given(path: str, text: str) -> str:
    with open(path, "w") as file:  # noqa: PTH123 - MicroPython has no pathlib
        file.write(text)
    return path


def problem(path: str, text: str) -> str:
    try:
        read(given(path, text))
    except ConfigProblem as told:
        return str(told).replace(path, "config.json")
    return ""


def test_defaults(path: str) -> None:
    """The name of the Wi-Fi, the issuer and the client are enough."""
    assert read(given(path, "{" + LEAST + "}")) == {
        "wifi_name": "Home",
        "wifi_password": "",
        "issuer": "https://as.example",
        "client_id": "tv",
        "scope": "profile",
        "return_code": False,
        "ca_file": "",
        "allow_plain_http": False,
        "api_url": "",
        "api_every": 60,
        "watchdog": False,
    }


def test_given(path: str) -> None:
    """What is given replaces what is not."""
    config = read(given(path, "{" + LEAST + ', "wifi_password": "x", "watchdog": true}'))
    assert config["wifi_password"] == "x"
    assert config["watchdog"] is True


def test_more(path: str) -> None:
    """A board may have settings of its own."""
    more: dict[str, tuple[object, ...]] = {"own": ("what for", False)}
    assert read(given(path, "{" + LEAST + "}"), more)["own"] is False
    assert read(given(path, "{" + LEAST + ', "own": true}'), more)["own"] is True


def test_missing_file(path: str) -> None:
    """Without the file it says where it belongs."""
    told = ""
    try:
        read(path)
    except ConfigProblem as error:
        told = str(error)
    assert told == path + " is not on the board: copy it there"


def test_not_json(path: str) -> None:
    """What is no JSON is told as that."""
    told = problem(path, '{"wifi_name": Home}')
    assert told == "config.json is not JSON: look for a comma or a quote"
    assert problem(path, "[]") == "config.json must be { ... }"


def test_missing(path: str) -> None:
    """A setting that must be there is named, and what it is."""
    rest = '"issuer": "https://as.example", "client_id": "tv"'
    expected = 'config.json: "wifi_name" is missing: the name of your Wi-Fi network'
    assert problem(path, "{" + rest + "}") == expected
    assert problem(path, '{"wifi_name": "", ' + rest + "}") == expected
    assert problem(path, '{"wifi_name": null, ' + rest + "}") == expected
    assert '"issuer" is missing' in problem(path, '{"wifi_name": "Home"}')
    assert '"client_id" is missing' in problem(
        path, '{"wifi_name": "Home", "issuer": "https://as.example"}'
    )


def test_wrong_kind(path: str) -> None:
    """A setting of the wrong kind is named, with the right kind."""
    for setting, kind in (
        ('"api_every": "60"', "a whole number"),
        ('"api_every": true', "a whole number"),
        ('"watchdog": "yes"', "true or false"),
        ('"allow_plain_http": 1', "true or false"),
        ('"wifi_password": 12345678', "text in quotes"),
    ):
        told = problem(path, "{" + LEAST + ", " + setting + "}")
        assert told.startswith("config.json: " + setting.split(":")[0] + " must be " + kind), told


def test_pace(path: str) -> None:
    """An API is called once a second at most. CL-04."""
    expected = 'config.json: "api_every" must be at least 1: seconds between two calls'
    for seconds in ("0", "-5"):
        assert problem(path, "{" + LEAST + ', "api_every": ' + seconds + "}") == expected
    assert read(given(path, "{" + LEAST + ', "api_every": 1}'))["api_every"] == 1


def test_secrets_are_not_told(path: str) -> None:
    """No message shows the password. CL-12."""
    told = problem(path, "{" + LEAST + ', "wifi_password": 12345678}')
    assert "12345678" not in told


def test_unknown(path: str) -> None:
    """A misspelt setting is an error, not a setting without effect."""
    told = problem(path, "{" + LEAST + ', "wifi_pasword": "x"}')
    assert told == 'config.json: there is no setting "wifi_pasword"'


def test_plain_http(path: str) -> None:
    """Plain http needs its own setting, and then is for the issuer alone. CL-09."""
    plain = '{"wifi_name": "Home", "client_id": "tv", "issuer": "http://192.168.1.5:8628"'
    told = problem(path, plain + "}")
    assert told == 'config.json: "issuer": not an https URL: http://192.168.1.5:8628'
    allowed = plain + ', "allow_plain_http": true'
    assert not problem(path, allowed + "}")
    assert not problem(path, allowed + ', "api_url": "http://192.168.1.5:8628/userinfo"}')
    assert '"api_url": not an https URL' in problem(
        path, allowed + ', "api_url": "http://192.168.1.6/x"}'
    )


def test_not_an_address(path: str) -> None:
    """An issuer that is no address is told."""
    told = problem(path, '{"wifi_name": "Home", "client_id": "tv", "issuer": "as.example"}')
    assert told.startswith('config.json: "issuer": not an https URL')
