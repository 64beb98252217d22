"""A real browser, headless, by its own command line: what it makes of pages, and what in them would act.

Each page stands in a frame of its own of one harness page. Before anything of the page is read, everything a script
could do to be noticed is replaced; afterwards the frame's own document is walked, as the browser built it.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SECONDS = 180
_HERE = Path(__file__).parent


def found() -> str:
    """The browser; the test is skipped where there is none, but in the build there must be one."""
    here = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if here is None:
        assert "CI" not in os.environ, "the build has no Chromium: .ci/run installs it"
        pytest.skip("no Chromium here")
    return here


def looked_at(pages: Sequence[str], *, folder: Path, hosts: Sequence[str] = ()) -> tuple[list[list[str]], list[str]]:
    """What in each page ran or could act, and the text a reader sees of each.

    Args:
        pages: whole HTML documents.
        folder: where the harness is written, and the browser keeps its profile.
        hosts: where links may lead.
    """
    watch = (_HERE / "watch.html").read_text("utf-8")
    frames = "".join(
        f'<iframe name="p{number}" srcdoc="{html.escape(watch + page)}"></iframe>' for number, page in enumerate(pages)
    )
    harness = (_HERE / "harness.html").read_text("utf-8")
    path = folder / "harness.html"
    path.write_text(harness.replace("<!-- frames -->", frames).replace('["hosts"]', json.dumps(list(hosts))), "utf-8")
    flags = ("headless", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "no-first-run", "dump-dom")
    told_so = (
        f"user-data-dir={folder / 'profile'}",
        "virtual-time-budget=20000",
        "host-resolver-rules=MAP * ~NOTFOUND",
    )
    done = subprocess.run(
        [found(), *(f"--{flag}" for flag in (*flags, *told_so)), path.as_uri()],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    match = re.search(r'<pre id="told">(.*?)</pre>', done.stdout, re.DOTALL)
    assert match is not None, f"the browser did not end its work: {done.stderr[-800:]}"
    answer = json.loads(html.unescape(match[1]))
    assert answer["pages"] == len(pages)
    told: list[list[str]] = [[] for _ in pages]
    for page, what in answer["told"]:
        told[page].append(what)
    return told, answer["seen"]
