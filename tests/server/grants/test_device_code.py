"""One approved code, many who ask for it at once."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from sqlalchemy import func, select

from server.core import tokens
from server.core.client_request import ClientRequest
from server.core.errors import ErrorCode, OAuthError
from server.core.tokens import TokenResponse
from server.grants.device_code import GRANT_TYPE
from server.storage.schema import grants, refresh_tokens
from tests.server.stage import CLIENT_ID, Stage

ROUNDS = 200
THREADS = 64


def test_64_threads_get_one_token_set(stage: Stage) -> None:
    """Of 64 polls of one approved code at once exactly one is served, 200 times over. STM-01."""
    start = threading.Barrier(THREADS)

    def poll(device_code: str) -> TokenResponse | ErrorCode:
        form = {"grant_type": GRANT_TYPE.name, "device_code": device_code, "client_id": CLIENT_ID}
        start.wait()
        try:
            return stage.server.exchange(ClientRequest(form))
        except OAuthError as error:
            return error.code

    with ThreadPoolExecutor(THREADS) as pool:
        for _ in range(ROUNDS):
            stage.clock.advance(86400)  # nobody approves 200 devices in a day
            codes = stage.start()
            stage.approve(codes["user_code"])
            served = list(pool.map(poll, [codes["device_code"]] * THREADS))
            assert sum(isinstance(answer, TokenResponse) for answer in served) == 1
            assert served.count(ErrorCode.INVALID_GRANT) == THREADS - 1
    with stage.application.database.reading() as connection:
        for table in (grants, refresh_tokens):
            assert connection.scalar(select(func.count()).select_from(table)) == ROUNDS


def test_a_polls_bookkeeping_undoes_no_decision(stage: Stage) -> None:
    """Polls before, between and after an approval leave it as it is. STM-04, CV-19."""
    codes = stage.start()
    session = stage.session()
    stage.poll(codes["device_code"])
    reference = stage.claim(codes["user_code"], session)
    stage.poll(codes["device_code"])
    digest = tokens.digest(codes["device_code"])
    stale = stage.server.ports.device_authorizations.find_by_device_code(digest)
    stage.server.approve(reference, session)
    assert stale is not None
    assert not stage.server.ports.device_authorizations.swap(stale, stale)
    assert stage.poll(codes["device_code"]).status_code == 200


def test_polls_write_nothing(stage: Stage, tmp_path: Path) -> None:
    """A hundred polls of a waiting code leave the database as it was; one start does not. TOK-16"""
    code = stage.start()["device_code"]
    with closing(sqlite3.connect(tmp_path / "pairlight.db")) as onlooker:

        def version() -> int:
            return int(onlooker.execute("PRAGMA data_version").fetchone()[0])

        before = version()
        for _ in range(100):
            stage.poll(code)
        assert version() == before
        stage.start()
        assert version() != before
