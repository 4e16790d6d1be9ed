"""config.json, which says what is different from one maker to the next; the source is the same."""

import json

from .board_online import ConfigProblem, same_place
from .transport import split

# What each setting is, and its value when it is left out; a setting without one must be there.
SETTINGS = {
    "wifi_name": ("the name of your Wi-Fi network",),
    "wifi_password": ("its password", ""),
    "issuer": ("the address of your authorization server",),
    "client_id": ("what the server calls this device",),
    "scope": ("what to ask for", "profile"),
    "return_code": ("true asks for the number that the phone shows", False),
    "ca_file": ("the certificate authority to trust, a PEM file", ""),
    "allow_plain_http": ("true accepts an http:// issuer, for trials", False),
    "api_url": ("what to call once signed in", ""),
    "api_every": ("seconds between two calls", 60),
    "watchdog": ("true starts the board again when it hangs", False),
}


def read(path: str = "config.json", more: dict[str, tuple[object, ...]] | None = None) -> dict:  # type: ignore[type-arg]
    """The settings in the file at `path`, complete and checked. ConfigProblem if they are not.

    `more` are settings that only this board has.
    """
    try:
        with open(path) as file:
            found = json.load(file)
    except OSError:
        raise ConfigProblem(path + " is not on the board: copy it there") from None
    except ValueError:
        raise ConfigProblem(path + " is not JSON: look for a comma or a quote") from None
    if not isinstance(found, dict):
        raise ConfigProblem(path + " must be { ... }")
    settings: dict[str, tuple[object, ...]] = {}
    settings.update(SETTINGS)
    settings.update(more or {})
    for name in found:
        if name not in settings:
            raise ConfigProblem('%s: there is no setting "%s"' % (path, name))
    config = {name: _value(path, found, name, settings[name]) for name in settings}
    _check_addresses(path, config)
    _check_pace(path, config)
    return config


def _value(path: str, found: dict, name: str, setting: tuple[object, ...]) -> object:  # type: ignore[type-arg]
    default = setting[1] if len(setting) > 1 else None
    value = found.get(name, default)
    if value in (None, ""):
        if default is None:
            raise ConfigProblem('%s: "%s" is missing: %s' % (path, name, setting[0]))
        return value
    # For Python true is a number too, and for a maker it is none.
    if type(value) is not type("" if default is None else default):
        kind = {str: "text in quotes", bool: "true or false", int: "a whole number"}
        wanted = kind[type("" if default is None else default)]
        raise ConfigProblem('%s: "%s" must be %s: %s' % (path, name, wanted, setting[0]))
    return value


def _check_addresses(path: str, config: dict) -> None:  # type: ignore[type-arg]
    plain_http = config["allow_plain_http"]
    for name in ("issuer", "api_url"):
        try:
            if config[name]:
                # Plain http is for the issuer alone: no other machine gets to see a token.
                split(config[name], plain_http and same_place(config[name], config["issuer"]))
        except ValueError as error:
            raise ConfigProblem('%s: "%s": %s' % (path, name, error)) from None


def _check_pace(path: str, config: dict) -> None:  # type: ignore[type-arg]
    if config["api_every"] < 1:
        what = SETTINGS["api_every"][0]
        raise ConfigProblem('%s: "api_every" must be at least 1: %s' % (path, what))
