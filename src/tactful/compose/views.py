"""What the templates of many decisions see, as columns: the same as `context.Sight` builds for one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.compose.context import Sight, permitted_facts, salutation, spoken_offer
from tactful.compose.frames import column, placed
from tactful.compose.links import PATHS
from tactful.compose.placed import Said, place
from tactful.compose.values import Codes, Column, Lists, Texts, Tree, numbered
from tactful.project.declared import ContentFile
from tactful.words.level import Level

Row = dict[str, Any]  # Any: a row of an Arrow table
_MOST_PLACED = 50_000
"""Items at a place that are kept from one frame to the next."""


def view(
    sight: Sight,
    decisions: pa.Table,
    *,
    profiles: pa.Table,
    content: ContentFile,
    links: Callable[[str], pa.Array],
) -> dict[str, object]:
    """The roots of a frame: one row for each decision.

    Args:
        sight: project and catalogue.
        decisions: of one level, program, purpose and touchpoint.
        profiles: the customer's row for each decision.
        content: the file they are written from.
        links: a link of every message, by its purpose.
    """
    first = decisions.slice(0, 1).to_pylist()[0]
    names = profiles.column_names
    project = sight.project

    def fact(name: str, root: str) -> object:
        return of_array(profiles[name], f"{root}.{name}") if name in names else None

    def greet(name: str | None) -> str:
        return salutation(name, project=project, language=content.language)

    greeting = profiles["salutation_name"] if "salutation_name" in names else None
    line: object = (
        of_array(
            greeting,
            "customer.salutation",
            act=lambda name: salutation(name, project=project, language=content.language),
        )
        if greeting is not None
        else Said(salutation(None, project=project, language=content.language), ("customer.salutation",))
    )
    shown, anchor = _items(sight, decisions["items"])
    linked: dict[str, object] = {
        purpose: Column(
            Texts(lambda purpose=purpose: links(purpose), at=f"links.{purpose}"),  # type: ignore[misc]  # bound now
            np.arange(decisions.num_rows),
        )
        for purpose in PATHS
    }
    return {
        **sight.constants(content, first),
        "customer": Tree({"salutation": line}, "customer"),
        "facts": Tree({one: fact(one, "facts") for one in permitted_facts(project, Level(first["level"]))}, "facts"),
        "cell": Tree({one: fact(one, "cell") for one in sight.by(first)}, "cell"),
        "items": shown,
        "anchor": anchor,
        "offer": _offers(sight, decisions, language=content.language),
        "links": Tree({**linked, "shop": Said(project.brand.site, ("links.shop",))}, "links"),
    }


def of_array(values: pa.ChunkedArray, at: str, *, act: Callable[[Any], object] | None = None) -> Column:  # Any
    """A column of an Arrow column, each distinct value changed by `act`."""
    try:
        made = values.combine_chunks().dictionary_encode()
    except pa.ArrowNotImplementedError:
        return column([act(one) if act else one for one in values.to_pylist()], at)
    codes = made.indices
    if act is None and pa.types.is_string(values.type) and not codes.null_count:
        return Column(Texts(lambda: made.dictionary, at=at), codes.to_numpy().astype(np.int64))
    distinct = [act(one) if act else one for one in made.dictionary.to_pylist()]
    if codes.null_count:
        codes = codes.fill_null(len(distinct))
        distinct.append(act(None) if act else None)
    return placed(distinct, codes.to_numpy(zero_copy_only=False).astype(np.int64), at=at)


def _offers(sight: Sight, decisions: pa.Table, *, language: str) -> object:
    if not pc.any(pc.is_valid(decisions["offer_id"])).as_py():
        return None
    offers = coded(decisions["offer_id"])
    times = coded(decisions["decided_at"])
    pairs, codes = np.unique(offers[1] * len(times[0]) + times[1], return_inverse=True)
    distinct = []
    for offer, time in (divmod(pair, len(times[0])) for pair in pairs.tolist()):
        decided_at = times[0][time]
        distinct.append(spoken_offer(offers[0][offer], project=sight.project, decided_at=decided_at, language=language))
    return placed(distinct, codes, at="offer")


def coded(values: pa.ChunkedArray | pa.Array) -> tuple[list[Any], Codes]:  # Any: as Arrow gives it
    """The distinct values and the code of each row."""
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    made = whole.dictionary_encode()
    distinct = made.dictionary.to_pylist()
    codes = made.indices.fill_null(len(distinct)).to_numpy(zero_copy_only=False).astype(np.int64)
    return [*distinct, None], codes


def _items(sight: Sight, lists: pa.ChunkedArray) -> tuple[object, object]:
    """Items shown, by place, and the anchor; an item that the catalogue does not know is left out."""
    whole = lists.combine_chunks()
    flat = whole.flatten()
    parents = pc.list_parent_indices(whole).to_numpy(zero_copy_only=False).astype(np.int64)
    ids, roles, anchors = (coded(flat.field(name)) for name in ("item_id", "role", "because"))
    mixed = (ids[1] * len(roles[0]) + roles[1]) * len(anchors[0]) + anchors[1]
    keys, codes = numbered(mixed, span=len(ids[0]) * len(roles[0]) * len(anchors[0]))
    shown = []
    for key in keys.tolist():
        rest, because = divmod(key, len(anchors[0]))
        item, role = divmod(rest, len(roles[0]))
        shown.append(sight.catalogue.shown(ids[0][item], role=roles[0][role], because=anchors[0][because]))
    kinds = np.array([0 if one is None else 1 if one["role"] == "anchor" else 2 for one in shown], np.int64)
    rows = len(whole)
    found = _Shown(shown, codes, parents, kinds)
    return _places(found, rows=rows, known=sight.placed), _anchor(found, rows=rows)


class _Shown(NamedTuple):
    """The distinct items shown, and for each entry of all lists which, whose and of what kind it is."""

    shown: list[Any]  # Any: as `Catalogue.shown` gives them
    codes: Codes
    parents: Codes
    kinds: Codes


def _places(found: _Shown, *, rows: int, known: dict[tuple[object, ...], object]) -> Lists:
    shown, codes, parents, kinds = found
    kept = kinds[codes] == 2 if len(codes) else np.zeros(0, bool)
    codes, parents = codes[kept], parents[kept]
    lengths = np.bincount(parents, minlength=rows).astype(np.int64)
    starts = np.cumsum(lengths) - lengths
    nth = np.arange(len(parents)) - starts[parents]
    entries: list[object] = []
    for number in range(int(lengths.max(initial=0))):
        here = nth == number
        distinct, own = numbered(codes[here], span=len(shown))
        whole = np.zeros(rows, np.int64)
        whole[parents[here]] = own
        at = f"items[{number}]"
        entries.append(placed([_put(shown[code], at, known=known) for code in distinct.tolist()], whole, at=at))
    return Lists(lengths, entries, at="items")


def _put(item: dict[str, Any], at: str, *, known: dict[tuple[object, ...], object]) -> object:  # Any: as above
    """An item at its place, built once for all frames of a run."""
    key = (at, item["id"], item["role"], item["because"])
    if key not in known:
        if len(known) > _MOST_PLACED:
            known.clear()
        known[key] = place(item, at)
    return known[key]


def _anchor(found: _Shown, *, rows: int) -> object:
    shown, codes, parents, kinds = found
    kept = kinds[codes] == 1 if len(codes) else np.zeros(0, bool)
    if not kept.any():
        return None
    owners, first = np.unique(parents[kept], return_index=True)
    distinct, own = np.unique(codes[kept][first], return_inverse=True)
    whole = np.full(rows, len(distinct), np.int64)
    whole[owners] = own
    return placed([*(shown[code] for code in distinct.tolist()), None], whole, at="anchor")
