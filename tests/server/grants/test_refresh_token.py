"""The refresh token grant: rotation that neither locks a device out nor hides a thief."""

import pytest
from sqlalchemy import update

from server.core.authorization_server import DEVICE_CODE
from server.storage.schema import accounts, clients
from tests.server.proving_device import error_of
from tests.server.stage import Stage


def test_a_refresh_gives_new_tokens(stage: Stage) -> None:
    """Access and refresh token are new, the scope is as granted. RT-02, RT-06."""
    first = stage.signed_in()
    second = stage.refresh(first["refresh_token"]).json or {}
    assert second["scope"] == first["scope"]
    assert second["access_token"] != first["access_token"]
    assert second["refresh_token"] != first["refresh_token"]


def test_the_old_token_works_until_the_new_one_is_used(stage: Stage) -> None:
    """A device that lost the answer asks again with what it has. RT-02, RT-03."""
    first = stage.signed_in()["refresh_token"]
    for _ in range(3):
        latest = (stage.refresh(first).json or {})["refresh_token"]
    assert stage.refresh(latest).status_code == 200


def test_an_answer_asked_for_again_replaces_the_one_before(stage: Stage) -> None:
    """A device that lost an answer keeps going with the later one. RT-02."""
    first = stage.signed_in()["refresh_token"]
    stage.refresh(first)
    kept = (stage.refresh(first).json or {})["refresh_token"]
    assert stage.refresh(kept).status_code == 200


def test_a_replaced_answer_gives_a_thief_away(stage: Stage) -> None:
    """Thief and device both use one token; whoever has the replaced answer ends the grant. RT-02"""
    first = stage.signed_in()["refresh_token"]
    of_device = (stage.refresh(first).json or {})["refresh_token"]
    of_thief = (stage.refresh(first).json or {})["refresh_token"]
    assert (stage.refresh(of_device).json or {})["error"] == "invalid_grant"
    assert (stage.refresh(of_thief).json or {})["error"] == "invalid_grant"


def test_a_spent_token_ends_the_grant(stage: Stage) -> None:
    """Once its successor was used, presenting a token revokes the family. RT-02."""
    first = stage.signed_in()["refresh_token"]
    second = (stage.refresh(first).json or {})["refresh_token"]
    third = (stage.refresh(second).json or {})["refresh_token"]
    assert (stage.refresh(first).json or {})["error"] == "invalid_grant"
    assert (stage.refresh(third).json or {})["error"] == "invalid_grant"


def test_a_refresh_token_belongs_to_its_client(stage: Stage) -> None:
    """Another client hears invalid_grant and spends nothing. RT-01, CV-02."""
    stage.register("thief")
    token = stage.signed_in()["refresh_token"]
    assert (stage.refresh(token, client_id="thief").json or {})["error"] == "invalid_grant"
    assert stage.refresh(token).status_code == 200


@pytest.mark.parametrize("scope", ["admin", "profile admin"])
def test_a_refresh_cannot_widen_the_scope(stage: Stage, scope: str) -> None:
    """Scope beyond the grant is invalid_scope. RT-01."""
    token = stage.signed_in()["refresh_token"]
    assert (stage.refresh(token, scope=scope).json or {})["error"] == "invalid_scope"


def test_what_libraries_add_to_a_refresh_is_ignored(stage: Stage) -> None:
    """openid and offline_access beside what was granted are no reason to refuse. RFC 6749 6."""
    token = stage.signed_in()["refresh_token"]
    answer = stage.refresh(token, scope="openid profile offline_access").json or {}
    assert answer["scope"] == "profile"


def test_a_token_nobody_used_for_a_month_dies(stage: Stage) -> None:
    """The idle lifetime counts from the last use. RT-04."""
    token = stage.signed_in()["refresh_token"]
    stage.clock.advance(30 * 86400 - 1)
    second = (stage.refresh(token).json or {})["refresh_token"]
    stage.clock.advance(30 * 86400)
    assert (stage.refresh(second).json or {})["error"] == "invalid_grant"


def test_a_grant_ends_however_often_it_was_refreshed(stage: Stage) -> None:
    """After a year the person is asked again. RT-04."""
    token = stage.signed_in()["refresh_token"]
    for _ in range(13):
        stage.clock.advance(28 * 86400)
        token = (stage.refresh(token).json or {})["refresh_token"]
    stage.clock.advance(2 * 86400)
    assert (stage.refresh(token).json or {})["error"] == "invalid_grant"


@pytest.mark.parametrize("token", ["unknown", "x" * 10_000])
def test_an_unknown_token_is_invalid_grant(stage: Stage, token: str) -> None:
    """A token we never issued, of any length, is invalid_grant. RFC 6749 5.2."""
    assert (stage.refresh(token).json or {})["error"] == "invalid_grant"


def test_an_access_token_is_no_refresh_token(stage: Stage) -> None:
    """One kind of token is never taken for the other. RFC 9068 5."""
    token = stage.signed_in()["access_token"]
    assert (stage.refresh(token).json or {})["error"] == "invalid_grant"


def test_a_disabled_account_is_refreshed_no_more(stage: Stage) -> None:
    """Its devices hear invalid_grant; once it is enabled again, they go on. RT-05."""
    token = stage.signed_in()["refresh_token"]
    for disabled, status in ((True, 400), (False, 200)):
        with stage.application.database.writing() as connection:
            connection.execute(update(accounts).values(disabled=disabled))
        assert stage.refresh(token).status_code == status


def test_a_client_that_lost_the_grant_type_is_refused(stage: Stage) -> None:
    """A client that may not refresh any more is unauthorized_client. RT-01."""
    token = stage.signed_in()["refresh_token"]
    with stage.application.database.writing() as connection:
        connection.execute(update(clients).values(grant_types=DEVICE_CODE))
    stage.clock.advance(60)
    assert error_of(stage.refresh(token)) == "unauthorized_client"


def test_a_confidential_client_refreshes_with_its_secret(stage: Stage) -> None:
    """The refresh token alone is not enough: invalid_client. RT-01."""
    secret = stage.register("box", confidential=True) or ""
    codes = stage.start(client_id="box", client_secret=secret)
    stage.approve(codes["user_code"])
    of_box = {"client_id": "box", "client_secret": secret}
    token = (stage.poll(codes["device_code"], **of_box).json or {})["refresh_token"]
    assert error_of(stage.refresh(token, client_id="box")) == "invalid_client"
    assert stage.refresh(token, **of_box).status_code == 200


def test_a_narrower_scope_is_for_one_answer(stage: Stage) -> None:
    """The new refresh token is good for all that was granted. RT-06."""
    stage.register("app", scopes=("profile", "email"))
    codes = stage.start(client_id="app")
    stage.approve(codes["user_code"])
    first = stage.poll(codes["device_code"], client_id="app").json or {}
    narrow = stage.refresh(first["refresh_token"], client_id="app", scope="email").json or {}
    assert narrow["scope"] == "email"
    claims = stage.server.ports.signer.verify(narrow["access_token"]) or {}
    assert claims["scope"] == "email"
    whole = stage.refresh(narrow["refresh_token"], client_id="app").json or {}
    assert whole["scope"] == first["scope"] == "profile email"


def test_a_refusal_spends_nothing(stage: Stage) -> None:
    """After invalid_scope and invalid_target the same two tokens are good. RT-01."""
    first = stage.signed_in()["refresh_token"]
    second = (stage.refresh(first).json or {})["refresh_token"]
    assert error_of(stage.refresh(second, scope="admin")) == "invalid_scope"
    assert error_of(stage.refresh(second, resource="https://x.example")) == "invalid_target"
    assert stage.refresh(first).status_code == 200
