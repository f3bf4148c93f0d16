"""Pictures of the running app: the two of the README, or every page in every size, language and theme.

``make screenshots`` writes docs/screenshots/overview-zh.png and overview-en.png.
``make screenshots ARGS=--all`` writes all of them into screenshots/, to look through before a release.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from data_access.settings import read_settings
from scripts.chromium import WEBGL_ARGUMENTS, NoChromium, ensure_chromium
from scripts.running_app import PROJECT, AppDidNotStart, running_app
from ui.navigation import DEFAULT_PAGE, PAGES, ROLES, PageEntry, page_entry

README_FOLDER = PROJECT / "docs" / "screenshots"
ALL_FOLDER = PROJECT / "screenshots"
SIZES = ((1440, 900), (1920, 1080))
LANGUAGES = ("zh", "en")
THEMES = ("light", "dark")
WAIT_MS = 60_000
# Streamlit marks the whole app while a script runs; figures draw a moment after it has ended.
SETTLE_MS = 900


@dataclass(frozen=True)
class Shot:
    """One picture: what is shown, how, and the file it goes to."""

    page: PageEntry
    lang: str
    size: tuple[int, int]
    theme: str
    path: Path
    full_page: bool = False


def readme_shots(folder: Path = README_FOLDER) -> Iterator[Shot]:
    """The overview at 1440 pixels, from top to bottom, in both languages."""
    entry = page_entry(DEFAULT_PAGE)
    for lang in LANGUAGES:
        yield Shot(entry, lang, SIZES[0], "light", folder / f"{entry.url_path}-{lang}.png", full_page=True)


def all_shots(folder: Path = ALL_FOLDER) -> Iterator[Shot]:
    """Every page a leader may open in every language, size and theme, from top to bottom."""
    entries = [entry for entry in PAGES if ROLES[0] in entry.roles]
    for entry, lang, size, theme in product(entries, LANGUAGES, SIZES, THEMES):
        name = f"{entry.url_path}-{lang}-{size[0]}x{size[1]}-{theme}.png"
        yield Shot(entry, lang, size, theme, folder / name, full_page=True)


def take(shot: Shot, *, url: str, browser: Browser) -> None:
    """Take one picture; playwright's TimeoutError when the page does not come to rest."""
    width, height = shot.size
    scheme: Literal["dark", "light"] = "dark" if shot.theme == "dark" else "light"
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    try:
        query = "" if shot.lang == LANGUAGES[0] else f"?lang={shot.lang}"
        page.goto(f"{url}/{shot.page.url_path}{query}")
        wait_until_drawn(page, with_map=shot.page.key == DEFAULT_PAGE)
        shot.path.parent.mkdir(parents=True, exist_ok=True)
        if shot.full_page:
            # Streamlit scrolls inside the page: a window as tall as its content shows all of it.
            content = page.evaluate("document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight")
            page.set_viewport_size({"width": width, "height": max(height, int(content) + 120)})
            page.wait_for_timeout(SETTLE_MS)
        page.screenshot(path=str(shot.path))
    finally:
        page.close()


def wait_until_drawn(page: Page, *, with_map: bool) -> None:
    """Wait until the script has ended and, where there is one, the map has its colours."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=WAIT_MS)
    if with_map:
        page.wait_for_selector("svg[data-painted]", state="attached", timeout=WAIT_MS)
    page.wait_for_timeout(SETTLE_MS)


def main() -> int:
    """Start the app, take the pictures, end it."""
    parser = argparse.ArgumentParser(prog="python -m scripts.screenshots", description=__doc__)
    parser.add_argument("--all", action="store_true", help="every page, language, size and theme")
    parser.add_argument("--folder", type=Path, help="where the pictures go")
    given = parser.parse_args()
    shots = list(all_shots(given.folder or ALL_FOLDER) if given.all else readme_shots(given.folder or README_FOLDER))
    try:
        chromium = ensure_chromium()
        with running_app(database_url=read_settings().database_url) as app, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(chromium), args=list(WEBGL_ARGUMENTS))
            for shot in shots:
                take(shot, url=app.url, browser=browser)
                print(shot.path)
            browser.close()
    except (AppDidNotStart, NoChromium) as problem:
        sys.exit(str(problem))
    return 0


if __name__ == "__main__":
    sys.exit(main())
