"""`pairlight user`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.cli.conftest import Run, opened

PASSWORD = "a few random words"
ROOT = Path(__file__).parent.parent.parent.parent


def signs_in(username: str, password: str) -> bool:
    """Tell whether someone can sign in."""
    with opened() as application:
        return isinstance(application.server.sign_in(username, password), str)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "", "\nsecond line\n"])
def test_a_password_is_piped_in(run: Run, ending: str) -> None:
    """The password is the first line of standard input, without its ending. LG-01."""
    result = run("user", "add", "Ada", "--password-stdin", stdin=PASSWORD + ending)
    assert (result.exit_code, result.stdout) == (0, "Added ada, who can sign in now.\n")
    assert signs_in("ADA", PASSWORD)


def test_an_address_is_kept(run: Run) -> None:
    """--email is what applications with the scope `email` are told. OpenID Connect Core 5.1."""
    arguments = ("user", "add", "ada", "--email", "ada@example.com", "--password-stdin")
    assert run(*arguments, stdin=PASSWORD).exit_code == 0
    with opened() as application:
        account = application.server.ports.accounts.find_by_username("ada")
    assert account
    assert account.email == "ada@example.com"


def test_a_password_is_asked_for(run: Run) -> None:
    """Without a pipe the password is asked for twice, and never shown. COD-10."""
    result = run("user", "add", "ada", stdin=f"{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0
    assert PASSWORD not in result.output
    assert signs_in("ada", PASSWORD)


def test_a_mistyped_password_is_asked_for_again(run: Run) -> None:
    """Where the two differ, nothing is added and it asks again. LG-01."""
    result = run("user", "add", "ada", stdin=f"{PASSWORD}\nother\n{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0
    assert "do not match" in result.output


def test_every_letter_of_a_password_counts(run: Run) -> None:
    """Spaces at the ends and letters of any script belong to the password. LG-01."""
    run("user", "add", "ada", "--password-stdin", stdin="  pässwörter \N{KEY}  \n")
    assert signs_in("ada", "  pässwörter \N{KEY}  ")
    assert not signs_in("ada", "pässwörter \N{KEY}")


@pytest.mark.parametrize(
    ("arguments", "stdin", "message"),
    [
        (["ada"], "x" * 11, "the password must have 12 to 1000 characters"),
        (["ada"], "x" * 1001, "the password must have 12 to 1000 characters"),
        (["ada"], "", "the password must have 12 to 1000 characters"),
        (["ada"], b"\xff" * 20, "the password is not UTF-8"),
        (["bob"], PASSWORD, "there is a user bob already"),
        (["BOB "], PASSWORD, "there is a user bob already"),
        ([""], PASSWORD, "the username must have 1 to 100 printable characters"),
        (["a\nb"], PASSWORD, "the username must have 1 to 100 printable characters"),
        (["ada lovelace"], PASSWORD, "the username must have no white space: 'ada lovelace' (a"),
        (["ada", "--name", "\x1b[2J"], PASSWORD, "the name must have 1 to 100 printable"),
        (["ada", "--email", "ada"], PASSWORD, "'ada' is not an email address (for example"),
    ],
)
def test_a_bad_account_is_refused(
    run: Run, arguments: list[str], stdin: str | bytes, message: str
) -> None:
    """A short password, a taken name or an odd one is one line with a hint. LG-01."""
    run("user", "add", "bob", "--password-stdin", stdin=PASSWORD)
    result = run("user", "add", *arguments, "--password-stdin", stdin=stdin)
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert result.stderr.startswith(f"pairlight: {message}")
    assert not signs_in("ada", PASSWORD)


def test_without_a_terminal_it_says_how(tmp_path: Path) -> None:
    """Where a password could not be typed unseen, it is not asked for. COD-10."""
    done = subprocess.run(
        [sys.executable, "-m", "server.cli", "user", "add", "ada"],
        env={**os.environ, "PAIRLIGHT_DATABASE": f"sqlite:///{tmp_path}/pairlight.db"},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "pairlight: there is no terminal to ask for the password on "
        "(pipe it in with --password-stdin)\n"
    )


def test_a_bad_configuration_is_told_before_asking(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody types a password for a start that is bound to fail. ASVS 16.5."""
    monkeypatch.setenv("PAIRLIGHT_PORT", "0")
    result = run("user", "add", "ada")
    assert (result.exit_code, result.stdout) == (2, "")
