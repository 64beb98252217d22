"""One part's template: parsed once with its faults at the author's places, rendered into what is static and spoken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from tactful.compose.aborting import Abort
from tactful.compose.faults import ContentFault, Origins, Source
from tactful.compose.limits import TooMuch, entries
from tactful.compose.liquid import Context, Limited, LiquidError, TemplateNotFoundError, Token
from tactful.compose.placed import place
from tactful.compose.recorded import Recorded, Recorder, Unwritten
from tactful.compose.tags import pieces


def told(error: Exception) -> str:
    """What went wrong, in words for an author."""
    if isinstance(error, RecursionError) or isinstance(error.__cause__, RecursionError):
        return "the template is nested too deeply"
    if isinstance(error, TemplateNotFoundError):
        return f"there is no partial {str(error.message)[:60]!r}"
    if isinstance(error, LiquidError | TooMuch):
        return str(error.message if isinstance(error, LiquidError) else error)[:500] or type(error).__name__
    return f"a value does not fit here ({str(error)[:200] or type(error).__name__})"


class Template:
    """One part's template, parsed once. Stability: internal."""

    def __init__(self, text: str, *, env: Limited, source: Source, origins: Origins | None = None) -> None:
        """Parse.

        Args:
            text: the Liquid, compiled from `source` where it is not the same.
            env: the environment.
            source: what the author wrote.
            origins: where the text's places stand in the source; the same places when left out.

        Raises:
            ContentFault: syntax, with the author's file, line and column.
        """
        self.text, self.source, self.origins = text, source, origins or Origins()
        pieces(source if text == source.text else Source(text=text, path=source.path))
        try:
            self.parsed = env.from_string(text)
        except (LiquidError, TooMuch, RecursionError, ValueError) as fault:
            raise self.fault(fault, rule="liquid-syntax") from fault

    def fault(self, error: Exception, *, rule: str, at: Token | None = None) -> ContentFault:
        """An error of python-liquid at the author's place, or at `at` where it has none of its own."""
        token = getattr(error, "token", None) or at
        what = told(error)
        if token is not None and token.source != self.text:
            known = getattr(self.parsed.env.loader, "templates", {}) if hasattr(self, "parsed") else {}
            name = next((name for name, text in known.items() if text == token.source), "")
            what += f" (in the partial {name!r}, line {token.source.count(chr(10), 0, token.start_index) + 1})" * bool(
                name
            )
        index = token.start_index if token is not None and token.start_index >= 0 and token.source == self.text else 0
        return ContentFault.at(self.source, self.origins.of(index), rule=rule, what=what)

    def render(self, data: Mapping[str, object]) -> Recorded | Unwritten:
        """Render for one message.

        Args:
            data: what the template may see; nothing else exists.
        """
        recorder = Recorder()
        context = Context(self.parsed)
        try:
            entries(data)
            context = Context(self.parsed, globals=cast("Mapping[str, object]", place(data)))
            self.parsed.render_with_context(context, recorder)
        except Abort as abort:
            return Unwritten(why="aborted", reason=str(abort))
        except Exception as fault:  # whatever a value makes a filter do, the run goes on without it
            found = self.fault(fault, rule="liquid-render", at=context.budget.at).finding
            return Unwritten(why="failed", reason=found.what, finding=found)
        return recorder.recorded()
