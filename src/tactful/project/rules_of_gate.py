"""Rules of the project's own rules and of suppressions: one SELECT that names messages; places that exist."""

from __future__ import annotations

from tactful.project.draft import Draft
from tactful.project.guesses import guess
from tactful.project.segments import sql_names, sql_pieces

_WRITES = frozenset(
    """insert update delete create drop alter attach detach copy export import install load pragma set call vacuum
    truncate merge grant checkpoint execute prepare""".split()
)


def check_gate(draft: Draft) -> None:
    """Findings within `rules/` and `suppressions/`."""
    for name, rule in draft.rules.items():
        document = draft.documents[f"rules/{name}.yaml"]
        pieces = sql_pieces(rule.sql)
        fix = "write SELECT message_id, '…' AS what FROM messages JOIN decisions USING (decision_id) WHERE …"
        if not pieces or pieces[0][1].lower() not in {"select", "with"}:
            document.fault(("sql",), rule="rule-sql", what="a rule is one SELECT", fix=fix)
        elif "message_id" not in {word for word, _ in sql_names(rule.sql)}:
            document.fault(("sql",), rule="rule-sql", what="the SELECT yields no message_id", fix=fix)
        for kind, text, _ in pieces:
            if kind == "word" and text.lower() in _WRITES:
                what = f"{text.upper()} may not stand in a rule: it only reads"
                document.fault(("sql",), rule="rule-sql", what=what)
    for name, one in draft.suppressions.items():
        document = draft.documents[f"suppressions/{name}.yaml"]
        if one.program is None and one.content is None:
            what = "this would silence the rule everywhere"
            document.fault((), rule="suppression-place", what=what, fix="say for which program or content")
        if one.program is not None and one.program not in draft.names("programs"):
            fix = guess(one.program, among=draft.names("programs"), called="programs")
            what = f"there is no program {one.program!r}"
            document.fault(("program",), rule="unknown-program", what=what, fix=fix)
        known = {content for content, _ in draft.spoken}
        if one.content is not None and one.content not in known:
            what, fix = f"there is no content {one.content!r}", guess(one.content, among=known, called="contents")
            document.fault(("content",), rule="unknown-content", what=what, fix=fix)
