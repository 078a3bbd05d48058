"""A real Chromium for tests: the one that `make test` brings, or one that the machine has."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

MODULES = Path(__file__).parent / "node_modules"
BROUGHT = MODULES / ".chromium"
AXE = MODULES / "axe-core" / "axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-zygote")
NONE = (
    "there is no Chromium: `make test` brings one on Linux x64; elsewhere install Chromium or "
    "Chrome, and name it in SPOTTER_CHROMIUM if it is not on the PATH"
)


def found() -> str | None:
    """The program, as the machine's owner names it, as make brought it, or as it is on the PATH."""
    named = os.environ.get("SPOTTER_CHROMIUM")
    brought = BROUGHT / "chromium"
    on_path = next((path for name in NAMES if (path := shutil.which(name))), None)
    return named or (str(brought) if brought.exists() else on_path)


@contextmanager
def running() -> Iterator[Browser]:
    """Started, and ended again. What make brought has its own libraries and fonts beside it."""
    program = found()
    beside = {
        "LD_LIBRARY_PATH": str(BROUGHT / "al2023" / "lib"),
        "FONTCONFIG_PATH": str(BROUGHT / "fonts"),
    }
    environment: dict[str, str | float | bool] = {
        **os.environ,
        **(beside if program == str(BROUGHT / "chromium") else {}),
    }
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=ARGUMENTS, env=environment)
        try:
            yield browser
        finally:
            browser.close()
