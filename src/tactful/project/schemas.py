"""JSON Schemas of every kind of file, for editors that complete and underline while people write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tactful.project.brand import Brand
from tactful.project.facts import Facts
from tactful.project.metrics import Metrics
from tactful.project.offers import Offer
from tactful.project.policy import Policy
from tactful.project.programs import Program
from tactful.project.segments import SegmentFile
from tactful.project.settings import Settings
from tactful.project.shape import Declaration
from tactful.project.sources import Source

FOLDER = ".tactful/schemas"
_SHAPES: dict[str, type[Declaration]] = {
    "tactful.yaml": Settings,
    "sources/*.yaml": Source,
    "facts.yaml": Facts,
    "segments/*.yaml": SegmentFile,
    "offers/*.yaml": Offer,
    "programs/*.yaml": Program,
    "policy.yaml": Policy,
    "brand.yaml": Brand,
    "metrics.yaml": Metrics,
}


def schemas() -> dict[str, dict[str, Any]]:  # Any: JSON
    """The JSON Schema (draft 2020-12) of each kind of file, by file pattern.

    >>> schemas()["offers/*.yaml"]["title"]
    'Offer'
    """
    return {pattern: _schema(shape) for pattern, shape in _SHAPES.items()}


def _schema(shape: type[Declaration]) -> dict[str, Any]:  # Any: JSON
    schema = shape.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def schema_name(pattern: str) -> str:
    """The name of a pattern's schema file.

    >>> schema_name("offers/*.yaml"), schema_name("tactful.yaml")
    ('offers.json', 'tactful.json')
    """
    return pattern.split("/")[0].removesuffix(".yaml") + ".json"


def write_schemas(root: Path) -> tuple[Path, ...]:
    """Writes the schemas into `.tactful/schemas/` of a project; what stood there is replaced.

    Returns:
        The files written.
    """
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for pattern, schema in schemas().items():
        path = folder / schema_name(pattern)
        path.write_text(json.dumps(schema, indent=1, sort_keys=True) + "\n", "utf-8")
        written.append(path)
    return tuple(written)


def header(file: str) -> str:
    """The comment by which editors find a file's schema; empty where it has none.

    Args:
        file: path from the project's root.

    >>> header("offers/ten-off.yaml")
    '# yaml-language-server: $schema=../.tactful/schemas/offers.json'
    """
    folder, _, name = file.rpartition("/")
    pattern = f"{folder}/*.yaml" if folder else name
    if pattern not in _SHAPES or not name.endswith(".yaml"):
        return ""
    return f"# yaml-language-server: $schema={'../' if folder else ''}{FOLDER}/{schema_name(pattern)}"
