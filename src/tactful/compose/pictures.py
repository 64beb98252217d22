"""Pictures of letters, taken by a browser where one is found; the one place that knows Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_HEIGHT = 700
_QUIET = ("--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-color-profile=srgb")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture to be taken. Stability: full."""

    html: str
    width: int
    is_dark: bool = False


def browser_path() -> str | None:
    """The browser that would take the pictures; None where there is none."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


def why_none() -> str:
    """Why no pictures can be taken; empty where they can."""
    try:
        import playwright.sync_api  # noqa: F401  # only whether it is there
    except ImportError:
        return "Playwright is not installed: pip install 'tactful[preview]'"
    return "" if browser_path() else "no Chromium is found on this machine"


def take(shots: Sequence[Shot]) -> list[bytes]:
    """A JPEG of each letter, whole; nothing is fetched while they are taken.

    Raises:
        OSError: the browser does not start.
    """
    with _browser() as browser:
        return [_taken(browser, shot) for shot in shots]


@contextmanager
def _browser() -> Iterator[Browser]:
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as started:
        try:
            browser = started.chromium.launch(executable_path=browser_path(), args=list(_QUIET))
        except Error as error:
            raise OSError(str(error).splitlines()[0]) from error
        yield browser
        browser.close()


def _taken(browser: Browser, shot: Shot) -> bytes:
    context = browser.new_context(
        viewport={"width": shot.width, "height": _HEIGHT},
        color_scheme="dark" if shot.is_dark else "light",
        java_script_enabled=False,
        offline=True,
    )
    page = context.new_page()
    page.route("**/*", lambda route: route.abort())
    page.set_content(shot.html, wait_until="commit")
    made: bytes = page.screenshot(full_page=True, type="jpeg", quality=72, animations="disabled")
    context.close()
    return made


def save(pictures: Sequence[bytes], *, folder: Path, names: Sequence[str]) -> tuple[Path, ...]:
    """Writes pictures beside a page."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(folder / f"{name}.jpg" for name in names)
    for path, picture in zip(paths, pictures, strict=True):
        path.write_bytes(picture)
    return paths
