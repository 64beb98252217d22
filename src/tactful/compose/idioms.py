"""Tags and names that marketers know from elsewhere, written out in plain Liquid before anything else is read.

What is written out here is the same for every path, and is analysed and checked like what an author wrote by hand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tactful.compose.faults import ContentFault, Origins, Source
from tactful.compose.tags import Kind, Piece, pieces

LINKS = {
    "unsubscribe_url": "links.unsubscribe",
    "preferences_url": "links.preferences",
    "subscription_management_url": "links.preferences",
}
"""Names of links on other platforms, and ours."""
EXAMPLES = (
    "{% content_block 'card', item: items[0] %}", "{% items 'card' %}", "{% items 'card', limit: 2 %}",
    "{% items 'card', role: 'pick' %}", "{% offer 'shared' %}", "{% unsubscribe_url %}", "{{ preferences_url }}",
)  # fmt: skip
"""One of each, for whoever tries them all."""
_BLOCKS = {
    "content_block": "{% content_block 'name' %}, with arguments as for `render`",
    "items": "{% items 'name' %}, with `limit: 3` and `offset: 1`, or with `role: 'pair'`",
    "offer": "{% offer 'name' %}",
}
_TAG = re.compile(r"\{%(-?)\s*(\w+)\s*(.*?)\s*(-?)%\}", re.DOTALL)
_CALL = re.compile(r"(?:'([^']+)'|\"([^\"]+)\")\s*((?:,\s*\w+\s*:\s*[^,]+)*)", re.DOTALL)
_ARGUMENT = re.compile(r",\s*(\w+)\s*:\s*([^,]+)", re.DOTALL)
_NAME = re.compile(rf"'[^']*'|\"[^\"]*\"|(?<![\w.\[-])({'|'.join(LINKS)})(?![\w-])")


def written_out(source: Source, *, partials: Mapping[str, str]) -> Source:
    """A text in plain Liquid; every place in it still knows where the author wrote it.

    Args:
        source: as its author wrote it.
        partials: by name: MJML partials are put in, others are rendered.

    Raises:
        ContentFault: a tag of ours is not written as it must be, or a Liquid tag is never closed.

    >>> written_out(Source.plain("{% offer 'ten' %} {{ unsubscribe_url }}"), partials={}).text
    "{% if offer %}{% render 'ten' %}{% endif %} {{ links.unsubscribe }}"
    """
    if not any(word in source.text for word in (*_BLOCKS, *LINKS)):
        return source
    made = [(piece, _written(piece, source=source, partials=partials)) for piece in pieces(source)]
    if all(piece.text == text for piece, text in made):
        return source
    starts, places, spans, length = [0], [0], [0], 0
    for piece, text in made:
        starts.append(length)
        places.append(piece.start)
        spans.append(len(text) if text == piece.text else 0)
        length += len(text)
    origins = Origins(starts=tuple(starts), places=tuple(places), spans=tuple(spans))
    return Source(text="".join(text for _, text in made), path=source.path, made_of=source, origins=origins)


def partials_written_out(partials: Mapping[str, str]) -> dict[str, str]:
    """Every partial in plain Liquid.

    Raises:
        ContentFault: as `written_out`, with the partial's own file.
    """
    return {
        name: written_out(Source(text=text, path=f"content/_partials/{name}"), partials=partials).text
        for name, text in partials.items()
    }


def _written(piece: Piece, *, source: Source, partials: Mapping[str, str]) -> str:
    if piece.kind is Kind.TEXT or piece.kind is Kind.SILENT or piece.name == "raw":
        return piece.text
    if piece.kind is Kind.CONTROL and piece.name in {*_BLOCKS, *LINKS}:
        match = _TAG.fullmatch(piece.text)
        words = _block(piece.name, match[3], partials=partials) if match else None
        if words is None or match is None:
            what = f"this is no whole {piece.name!r}"
            fix = f"write {_BLOCKS.get(piece.name, '{% ' + piece.name + ' %}')}"
            raise ContentFault.at(source, piece.start, rule="liquid-syntax", what=what, fix=fix)
        opening, closing = words[:2], words[-2:]
        return f"{opening}{match[1]}{words[2:-2]}{match[4]}{closing}"
    return _NAME.sub(lambda found: LINKS[found[1]] if found[1] else found[0], piece.text)


def _block(name: str, given: str, *, partials: Mapping[str, str]) -> str | None:
    """A tag of ours in plain Liquid; None where it is not written as it must be."""
    if name in LINKS:
        return None if given else f"{{{{ {LINKS[name]} }}}}"
    call = _CALL.fullmatch(given)
    if call is None:
        return None
    partial, arguments = call[1] or call[2], dict(_ARGUMENT.findall(call[3]))
    if name == "content_block":
        return f"{{% render '{partial}'{call[3]} %}}"
    if name == "offer":
        return None if arguments else f"{{% if offer %}}{{% render '{partial}' %}}{{% endif %}}"
    return _items(partial, arguments, is_put_in="<mj-" in partials.get(partial, ""))


def _items(partial: str, arguments: dict[str, str], *, is_put_in: bool) -> str | None:
    """A loop over the items of the message: MJML is put in and sees the item, another partial is given it."""
    card = f"{{% render '{partial}'{'' if is_put_in else ', item: item'} %}}"
    if set(arguments) == {"role"}:
        within = f"{{% if item.role == {arguments['role'].strip()} %}}{card}{{% endif %}}"
        return f"{{% for item in items %}}{within}{{% endfor %}}"
    if not set(arguments) <= {"limit", "offset"}:
        return None
    bounds = "".join(f" {key}: {arguments[key].strip()}" for key in ("limit", "offset") if key in arguments)
    return f"{{% for item in items{bounds} %}}{card}{{% endfor %}}"
