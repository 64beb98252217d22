"""Reads the public conformance cases: YAML with some tags of Ruby, which become plain values."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml


class Tolerant(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the fast one where there is one
    """Reads what a plain reader refuses: tags of Ruby, keys that are mappings, values that hold themselves."""


def _plain(loader: Tolerant, tag: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {str(key): value for key, value in loader.construct_pairs(node, deep=True)}
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.ScalarNode)
    text = loader.construct_scalar(node)
    return base64.b64decode(text).decode("utf-8", "replace") if "binary" in tag else text


def _mapping(loader: Tolerant, node: yaml.MappingNode) -> Iterator[dict[Any, Any]]:
    found: dict[Any, Any] = {}
    yield found
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        found[repr(key) if isinstance(key, dict | list) else key] = loader.construct_object(value_node)


Tolerant.add_multi_constructor("!", _plain)
Tolerant.add_constructor("tag:yaml.org,2002:map", _mapping)


def cases(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every case that says what comes out, with its group, in the shape of `tactful.testing.liquid`."""
    for path in sorted(folder.glob("*/*.yml")):
        read = yaml.load(path.read_text("utf-8"), Tolerant)  # a safe loader
        for spec in (read.get("specs") if isinstance(read, dict) else read) or []:
            if "template" not in spec or not ("expected" in spec or spec.get("errors")):
                continue
            case = {
                "name": spec["name"],
                "template": spec["template"],
                "data": {str(key): value for key, value in (spec.get("environment") or {}).items()},
                "templates": spec.get("filesystem") or {},
            }
            yield (
                path.parent.name,
                {**case, **({"invalid": True} if spec.get("errors") else {"result": spec["expected"]})},
            )
