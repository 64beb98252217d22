"""Rules about addresses: alive, ours, secure, and saying where they lead."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote

from tactful.check import patterns
from tactful.check.addresses import LOOKALIKES, host_of, hosts_of, parts_of
from tactful.check.bones import LINKS, OPEN, marks_in, unmarked
from tactful.check.rule import Column, Hit, Rule, Use
from tactful.check.scene import LINK_OK, Scene
from tactful.check.tree import Anchor
from tactful.words.finding import Severity
from tactful.words.message import Part, SlotContext, SlotKind

_HARMLESS = ("mailto:", "tel:")


def _hosts(scene: Scene) -> frozenset[str]:
    return frozenset(hosts_of(scene.project.brand))


def _own(use: Use) -> Iterator[tuple[Part, Anchor]]:
    """Addresses whose whole words are the author's."""
    for part, tree in use.bones.trees.items():
        for anchor in tree.anchors:
            if not marks_in(anchor.url):
                yield part, anchor
    text = use.bones.marked.get(Part.TEXT, "")
    for word in text.split():
        if word.startswith(("http://", "https://")) and not marks_in(word):
            yield Part.TEXT, Anchor(tag="text", url=word.rstrip(".,;)>"), words="", is_visible=True)


def _is_url(column: Column) -> bool:
    return column.slot.kind is SlotKind.URL or any(slot.context is SlotContext.URL for _, slot in column.slots)


def _both(
    wrong: Any, *, is_looked_up: bool = False
) -> dict[str, Any]:  # Any: a function of an address and a scene; a rule's two inspectors
    """A rule over addresses, those of the author and those in slots; of plain ones only what is looked up is asked."""

    def skeleton(use: Use) -> Iterable[Hit]:
        for part, anchor in _own(use):
            if what := wrong(anchor.url, use.scene):
                yield Hit(what=what, place=f"{part.value}, {anchor.tag}")

    def slot(column: Column) -> Iterable[Hit]:
        if not _is_url(column):
            return ()
        scene = column.use.scene

        def asked(value: str) -> str:
            return str(wrong(value.strip(), scene))

        unless = "" if is_looked_up else scene.plain_addresses
        return column.each(asked, only=column.texts.asking(wrong, asked, unless=unless))

    return {"skeleton": skeleton, "slot": slot}


def _is_elsewhere(url: str) -> bool:
    return not url or url.startswith(("#", *_HARMLESS))


def _dead(url: str, scene: Scene) -> str:
    status = None if _is_elsewhere(url) else scene.status_of(url)
    if status is None or status == LINK_OK or status in {"not checked", "unchecked", ""}:
        return ""
    return f"{url} was found {status}"


def _unchecked(url: str, scene: Scene) -> str:
    if _is_elsewhere(url):
        return ""
    return f"{url} was never checked" if scene.status_of(url) in {None, "not checked", "unchecked", ""} else ""


def _scheme(url: str, scene: Scene) -> str:  # noqa: ARG001  # one shape for all
    if _is_elsewhere(url) or url.lower().startswith("https://"):
        return ""
    return f"{url[:60]} is not https"


def _foreign(url: str, scene: Scene) -> str:
    if not url.startswith(_HARMLESS) and parts_of(url) is None:
        return f"{url[:60]!r} cannot be read as an address"
    host = host_of(url)
    if _is_elsewhere(url) or not host or host.lower() in _hosts(scene):
        return ""
    return f"{host} is not one of the brand's hosts"


def _user_info(url: str, scene: Scene) -> str:  # noqa: ARG001  # one shape for all
    parts = None if url.startswith(_HARMLESS) else parts_of(url)
    if parts is not None and ("@" in parts.netloc or "\\" in unquote(url)):
        return f"{url[:60]} hides its host behind a user's name"
    return ""


def _look_alike(url: str, scene: Scene) -> str:
    host = host_of(url)
    if host.isascii() and "xn--" not in host:
        return ""
    try:
        shown = host.encode("ascii").decode("idna") if host.isascii() else host
    except UnicodeError:
        return f"{host} is no host"
    scripts = {unicodedata.name(letter, "?").split()[0] for letter in shown if letter.isalpha()}
    if len(scripts) > 1:
        return f"{shown} mixes {' and '.join(sorted(scripts)).lower()} letters"
    if shown.translate(LOOKALIKES) in _hosts(scene) and shown not in _hosts(scene):
        return f"{shown} looks like {shown.translate(LOOKALIKES)} and is not"
    return "" if host.lower() in _hosts(scene) else f"{shown} is written with letters of another script"


def _tells_person(url: str, scene: Scene) -> str:  # noqa: ARG001  # one shape for all
    if url.startswith(_HARMLESS):
        return ""
    parts = parts_of(url)
    query = unquote(f"{parts.query} {parts.fragment}") if parts else ""
    found = patterns.ADDRESS.first(query)
    return f"the address carries {found!r}" if found else ""


def _empty(use: Use) -> Iterable[Hit]:
    for part, tree in use.bones.trees.items():
        for anchor in tree.anchors:
            if anchor.tag in {"a", "img", "area"} and anchor.url in {"", "#"}:
                yield Hit(what=f"{anchor.words[:40] or anchor.tag!r} leads nowhere", place=part.value)


def _no_words(use: Use) -> Iterable[Hit]:
    for part, tree in use.bones.trees.items():
        for anchor in tree.anchors:
            if anchor.tag == "a" and anchor.is_visible and not anchor.words.strip():
                yield Hit(what=f"the link to {unmarked(anchor.url, by='…')[:60]} has no words", place=part.value)


def _names_other(use: Use) -> Iterable[Hit]:
    hosts = _hosts(use.scene)
    for part, tree in use.bones.trees.items():
        for anchor in tree.anchors:
            if anchor.tag != "a":
                continue
            own, url = host_of(anchor.url), anchor.url
            token = [use.bones.parts[part].slots[n].source.startswith(LINKS) for n in marks_in(url)]
            for named in patterns.HOST_IN_WORDS.every(unmarked(anchor.words)):
                host = host_of(named if "//" in named else f"//{named}").lower()
                is_ours = host in hosts and (not own or OPEN in own or all(token))
                if host != own and not (is_ours and (token or own in hosts)) and not url.startswith(_HARMLESS):
                    yield Hit(what=f"the words say {host}, the link goes to {own or 'another place'}", place=part.value)


def _names_other_value(column: Column) -> Iterable[Hit]:
    if _is_url(column):
        return ()
    hosts = _hosts(column.use.scene)

    def wrong(value: str) -> str:
        for named in patterns.HOST_IN_WORDS.every(value):
            if host_of(named if "//" in named else f"//{named}").lower() not in hosts:
                return f"{named!r} in the words becomes a link to somebody else"
        return ""

    return column.each(wrong, only=patterns.among(column.texts, patterns.HOST_IN_WORDS))


def _rule(id_: str, **more: Any) -> Rule:  # Any: the rule's own fields
    return Rule(id=id_, severity=Severity.ERROR, place="addresses", **more)


RULES = (
    _rule(
        "link-dead",
        why="A dead link wastes the one click they gave us.",
        fix="mend the page, or take the link out",
        **_both(_dead, is_looked_up=True),
    ),
    _rule(
        "link-unchecked",
        why="Not checked is a status, and never ok.",
        fix="check the address and load the result with the source of links",
        **_both(_unchecked, is_looked_up=True),
    ),
    _rule(
        "link-scheme",
        why="Anything but https can be read or changed on its way, or acts when pressed.",
        fix="write https://",
        **_both(_scheme),
    ),
    _rule(
        "link-host",
        why="A letter leads to the brand's own places and nowhere else.",
        fix="link to one of the hosts in brand.yaml, or add this one knowingly",
        **_both(_foreign),
    ),
    _rule(
        "link-user-info",
        why="A name before the host makes people believe they go somewhere else.",
        fix="take the user's name out of the address",
        **_both(_user_info),
    ),
    _rule(
        "link-look-alike",
        why="A host in letters that look like ours is how people are robbed.",
        fix="write the host in its own letters",
        **_both(_look_alike),
    ),
    _rule(
        "link-carries-person",
        why="Addresses are logged everywhere; a person's data in them is published.",
        fix="use a token instead",
        **_both(_tells_person),
    ),
    _rule(
        "link-empty",
        why="A link that leads nowhere looks like a mistake, because it is one.",
        fix="give it its address",
        skeleton=_empty,
    ),
    _rule(
        "link-without-words",
        why="Who listens to a letter hears nothing where a link has no words.",
        fix="write words in the link, or an alt on its picture",
        skeleton=_no_words,
    ),
    _rule(
        "link-names-other-host",
        why="Words that name one place and lead to another are a fraud's way.",
        fix="let the words say what one finds there",
        skeleton=_names_other,
        slot=_names_other_value,
    ),
)
