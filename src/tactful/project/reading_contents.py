"""Contents and partials from disk: each once per language, in languages the project speaks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tactful.project.contents import PARTIALS, check_partials, hashed, partial_name, read_content
from tactful.project.draft import Draft
from tactful.project.files import Files
from tactful.project.guesses import guess


def read_contents(draft: Draft, files: Files) -> None:
    """Fills the draft's contents, what they speak, and partials."""
    whole: dict[str, str] = {}
    for path in files.within("content", suffixes=(".mjml", ".liquid"), deep=True):
        name = files.name(path)
        if name.startswith(f"content/{PARTIALS}/"):
            text = _read_partial(draft, path, files=files)
        elif (text := files.text(path)) is not None:
            _read_content(draft, text, file=name)
        if text is not None:
            whole[name] = text
    for name, text in whole.items():
        check_partials(text, file=name, partials=draft.partials, findings=draft.findings)
    draft.contents = {
        key: replace(content, content_hash=hashed(content, partials=draft.partials))
        for key, content in draft.contents.items()
    }


def _read_partial(draft: Draft, path: Path, *, files: Files) -> str | None:
    name = partial_name(files.name(path))
    if name in draft.partials:
        what = f"there are two partials {name!r}"
        draft.findings.file(files.name(path), rule="two-of-a-name", what=what, fix="rename one")
        return None
    text = files.text(path)
    if text is not None:
        draft.partials[name] = text
    return text


def _read_content(draft: Draft, text: str, *, file: str) -> None:
    settings = draft.settings
    languages = settings.languages if settings is not None else ()
    default = languages[0] if languages else "en"
    seen = file.removeprefix("content/").split(".")
    kind = "web" if file.endswith(".web.liquid") else "email"
    draft.spoken.setdefault((seen[0], kind), set())
    content = read_content(text, file=file, default_language=default, findings=draft.findings)
    if content is None:
        draft.spoken[seen[0], kind].add(default)
        return
    key = (content.content_id, content.touchpoint, content.language)
    draft.spoken.setdefault(key[:2], set()).add(content.language)
    if languages and content.language not in languages:
        what = f"{content.language!r} is not among the project's languages"
        draft.findings.file(file, rule="languages", what=what, fix=guess(content.language, among=languages))
    elif key in draft.contents:
        what = f"{draft.contents[key].path} is the same content in the same language"
        draft.findings.file(file, rule="two-of-a-name", what=what, fix="keep one")
    else:
        draft.contents[key] = content
