"""Take the README's picture anew: `.venv/bin/python -m docs.picture`. Needs tmux and Chromium.

Everything in it is real: a portal, the device client in a terminal, and a browser as the phone.
"""

import html
import re
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests import programs
from tests.journeys.running_portal import PASSWORD, RunningPortal, running

_TARGET = Path(__file__).parent / "sign-in.png"
_TMUX = ["tmux", "-L", "pairlight-picture"]
_SGR = re.compile(r"(\x1b\[[0-9;]*m)")  # ECMA-48 8.3.117
_STYLES = {
    "1": "font-weight:bold",
    "2": "opacity:.6",
    "32": "color:#8fdc9a",
    "36": "color:#7fd6c8",
    "38;5;16": "color:#000",
    "48;5;231": "background:#fff",
}
_ENDS = {"39": "color", "49": "background", "22": "font-weight"}
_PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; padding: 36px; display: flex; gap: 36px; align-items: center;
  background: #e3edea; width: max-content }}
div {{ background: #10181a; color: #e8efee; border-radius: 12px; padding: 22px 24px;
  box-shadow: 0 10px 36px #0004 }}
pre {{ margin: 0; font: 15px/17px "DejaVu Sans Mono", monospace }}

img {{ width: 290px; border-radius: 28px; border: 9px solid #10181a;
  box-shadow: 0 10px 36px #0004 }}
</style><div><pre>{terminal}</pre></div><img src="data:image/png;base64,{phone}">"""


def main() -> None:
    """Play a sign-in up to the confirm page and photograph both screens."""
    with (
        tempfile.TemporaryDirectory() as directory,
        running(Path(directory), port="8628") as portal,
        sync_playwright() as playwright,
    ):
        browser = programs.launch(playwright, programs.chromium())
        screen = _terminal(portal, directory)
        phone = _phone(browser, portal, _code(screen))
        subprocess.run([*_TMUX, "kill-server"], check=True)
        page = browser.new_page(viewport={"width": 1200, "height": 700}, device_scale_factor=1.5)
        page.set_content(_PAGE.format(terminal="".join(_markup(screen)), phone=phone))
        page.locator("body").screenshot(path=_TARGET)


def _terminal(portal: RunningPortal, directory: str) -> str:
    """Run the device in a terminal; return what is on its screen, with its colours."""
    device = f"{sys.executable} -m device_client --issuer {portal.issuer} --client-id tv"
    command = f"{device} --token-file {directory}/tokens.json"
    subprocess.run([*_TMUX, "new-session", "-d", "-x", "76", "-y", "24", command], check=True)
    capture = [*_TMUX, "capture-pane", "-e", "-p"]
    screen = ""
    while "Waiting" not in screen:
        screen = subprocess.run(capture, capture_output=True, text=True, check=True).stdout
    return screen.strip("\n")


def _code(screen: str) -> str:
    found = re.search(r"(?:[A-Z] ?){4}- ?(?:[A-Z] ?){4}", _SGR.sub("", screen))
    if not found:
        raise ValueError(f"no code on the screen:\n{screen}")
    return found[0].replace(" ", "")


def _phone(browser: Browser, portal: RunningPortal, code: str) -> str:
    """Go to the confirm page; return its picture in base64."""
    page = browser.new_page(viewport={"width": 360, "height": 740}, device_scale_factor=2)
    page.goto(f"{portal.issuer}/D/{code}")
    page.get_by_role("button", name="continue").click()
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Approve").wait_for()
    return b64encode(page.screenshot()).decode()


def _markup(screen: str) -> Iterator[str]:
    """Turn a terminal's colours into spans."""
    style: dict[str, str] = {}
    for part in _SGR.split(screen):
        if not part.startswith("\x1b"):
            yield f'<span style="{";".join(style.values())}">{html.escape(part)}</span>'
        elif (codes := part[2:-1]) in _STYLES:
            css = _STYLES[codes]
            style[css.partition(":")[0]] = css
        elif codes in _ENDS:
            style.pop(_ENDS[codes], None)
        else:
            style.clear()


if __name__ == "__main__":
    main()
