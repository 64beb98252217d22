"""Any content as anybody would get it: the renderer of the run, one message at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tactful.compose.contents import compile_content
from tactful.compose.recorded import Unwritten
from tactful.compose.skeletons import Composer, Written
from tactful.project.declared import ContentFile, Project
from tactful.words.message import Part, join


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A content as one context gives it. Stability: full."""

    written: Written
    parts: dict[Part, str]


def preview(content: ContentFile, context: Mapping[str, object], *, project: Project) -> Preview | Unwritten:
    """One content in one context, byte for byte what a run would send.

    Args:
        content: what to render; a web fragment gives its `payload`.
        context: everything the template may see, as `Sight.context` and `Sight.constants` build it, with `links`.
        project: whose partials it uses.

    Raises:
        ContentFault: the content cannot be compiled.
    """
    written = Composer(compile_content(content, project)).write(context)
    if isinstance(written, Unwritten):
        return written
    return Preview(written=written, parts=join(written.skeleton, written.values))
