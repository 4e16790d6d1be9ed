"""The OpenAPI document says what the code does."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from server.core.errors import ErrorCode
from server.endpoints import ENDPOINTS
from server.grants import GRANT_TYPES

ROOT = Path(__file__).parents[2]
DOCUMENT: dict[str, Any] = json.loads((ROOT / "docs/openapi.json").read_text(encoding="utf-8"))


def everything(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield every name of the document with its value, and every item of a list by its name."""
    if isinstance(value, list):
        value = dict(enumerate(value))
    if isinstance(value, dict):
        for name, inner in value.items():
            yield str(name), inner
            yield from everything(inner)


def test_every_endpoint_is_there() -> None:
    """Each address with each of its methods is in the document, and no other is."""
    documented = {
        (path, method.upper())
        for path, operations in DOCUMENT["paths"].items()
        for method in operations
    }
    assert documented == {
        (endpoint.path, method) for endpoint in ENDPOINTS for method in endpoint.methods
    }


def test_every_error_is_there() -> None:
    """Each error code is in the document, and no other is. TOK-13."""
    documented = set()
    for name, value in everything(DOCUMENT):
        if name == "error" and isinstance(value, dict):
            documented |= {*value.get("enum", ()), *([value["const"]] if "const" in value else ())}
    in_redirects_alone = {ErrorCode.LOGIN_REQUIRED, ErrorCode.CONSENT_REQUIRED}
    assert documented == set(ErrorCode) - in_redirects_alone


def test_every_grant_is_there() -> None:
    """Each grant type is in the document, and no other is."""
    schemas = DOCUMENT["components"]["schemas"].values()
    asked = [schema.get("properties", {}).get("grant_type", {}).get("const") for schema in schemas]
    assert {name for name in asked if name} == {grant_type.name for grant_type in GRANT_TYPES}


def test_every_reference_leads_somewhere() -> None:
    """What the document refers to is in it."""
    for name, value in everything(DOCUMENT):
        if name == "$ref":
            found: Any = DOCUMENT
            for step in value.removeprefix("#/").split("/"):
                found = found[step]


def test_the_version_is_ours() -> None:
    """The document has the version of the project."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert DOCUMENT["info"]["version"] == project["version"]
