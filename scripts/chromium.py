"""Finds the Chromium that drives browser tests and pictures, and installs one where there is none.

Order of search: the file named by ``CHROMIUM_PATH``; a Chromium or Chrome on ``PATH``; the one Playwright keeps.
``python -m scripts.chromium`` makes sure that one of them is there.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
APT_PACKAGES = ("chromium", "fonts-noto-cjk")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
"""Chromium arguments for a quiet headless browser that asks nothing of the internet."""
WEBGL_ARGUMENTS = (
    *(argument for argument in ARGUMENTS if argument != "--disable-gpu"),
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
)
"""The same with WebGL, computed by the processor where there is no graphics card."""


class NoChromium(RuntimeError):
    """No browser was found and none could be installed."""


def find_chromium() -> Path | None:
    """Path of a usable Chromium, or None where there is none.

    Raises NoChromium when ``CHROMIUM_PATH`` is set and names no file: a wrong setting is not passed over.
    """
    named = os.environ.get("CHROMIUM_PATH")
    if named:
        if not Path(named).is_file():
            raise NoChromium(f"CHROMIUM_PATH names {named}, and no file is there.")
        return Path(named)
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    return _playwright_chromium()


def ensure_chromium() -> Path:
    """Path of a usable Chromium, installing one when needed: apt for root on Debian, else Playwright's own.

    Raises NoChromium, with what to do, when neither way worked.
    """
    found = find_chromium()
    if found is not None:
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _run("apt-get", "update", "-qq")
        _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *APT_PACKAGES)
        found = find_chromium()
    if found is None:
        _run(sys.executable, "-m", "playwright", "install", "chromium")
        found = find_chromium()
    if found is None:
        raise NoChromium("No Chromium: install one (apt install chromium fonts-noto-cjk) or set CHROMIUM_PATH to one.")
    return found


def _playwright_chromium() -> Path | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.is_file() else None


def _run(*command: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # Output goes to stderr: what the caller prints on stdout stays the caller's.
    subprocess.run(command, env=environment, stdout=sys.stderr, check=False)


if __name__ == "__main__":
    try:
        print(f"browser: {ensure_chromium()}")
    except NoChromium as problem:
        sys.exit(str(problem))
