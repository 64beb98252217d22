"""Starters are planted whole and write over nothing; schemas accept what the loader accepts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tactful.project.reading import inspect_project
from tactful.project.schemas import header, schema_name, schemas, write_schemas
from tactful.project.starters import plant, starters
from tactful.words.errors import Misuse
from tactful.words.finding import Severity


@pytest.fixture(scope="module")
def retail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The retail starter, planted once."""
    root = tmp_path_factory.mktemp("retail")
    plant("retail", root)
    return root


@pytest.mark.parametrize("name", starters())
def test_a_planted_starter_has_no_findings(name: str, tmp_path: Path) -> None:
    planted = plant(name, tmp_path / "shop")
    assert tmp_path / "shop/tactful.yaml" in planted
    project, findings = inspect_project(tmp_path / "shop")
    assert project is not None, "\n".join(map(str, findings))
    assert [finding for finding in findings if finding.severity is Severity.ERROR] == []


def test_planting_names_schemas_for_editors(retail: Path) -> None:
    for pattern in schemas():
        for path in retail.glob(pattern):
            first = path.read_text("utf-8").partition("\n")[0]
            named = path.parent / first.removeprefix("# yaml-language-server: $schema=")
            assert json.loads(named.read_text("utf-8"))["$schema"], path


def test_planting_writes_over_nothing(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(Misuse, match="something is here already"):
        plant("retail", tmp_path)
    with pytest.raises(Misuse, match="something is here already"):
        plant("retail", tmp_path / "notes.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_an_unknown_starter_is_refused_with_a_guess(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="Did you mean 'retail'"):
        plant("retial", tmp_path)


@pytest.mark.parametrize("pattern", sorted(schemas()))
def test_schemas_accept_every_file_the_loader_accepts(pattern: str, retail: Path) -> None:
    schema = schemas()[pattern]
    roots = (retail, Path(__file__).parent / "shop")
    files = [path for root in roots for path in sorted(root.glob(pattern))]
    assert files
    for path in files:
        assert faults(read(path), schema, whole=schema) == [], path


def test_a_schema_refuses_an_unknown_key_and_a_wrong_word() -> None:
    offers = schemas()["offers/*.yaml"]
    assert faults({"offer": "x", "kind": "none"}, offers, whole=offers) == []
    assert faults({"offer": "x", "kind": "nothing"}, offers, whole=offers)
    assert faults({"offer": "x", "kind": "none", "wrods": "x"}, offers, whole=offers)
    assert faults({"kind": "none"}, offers, whole=offers)


def test_schemas_are_written_beside_the_project(tmp_path: Path) -> None:
    written = write_schemas(tmp_path)
    assert {path.name for path in written} == {schema_name(pattern) for pattern in schemas()}
    assert write_schemas(tmp_path) == written
    assert header("content/x.mjml") == header("README.md") == header("data/x.yaml") == ""


def read(path: Path) -> Any:
    """A file as an editor's YAML 1.2 reads it: only true and false are flags, and dates are text."""
    return yaml.load(path.read_text("utf-8"), Loader=Editor)  # a SafeLoader


class Editor(yaml.SafeLoader):
    """YAML 1.2's core schema."""


Editor.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+0123456789."),
):
    Editor.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))

TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "array": list,
    "null": type(None),
}


def faults(value: Any, schema: dict[str, Any], *, whole: dict[str, Any]) -> list[str]:
    """What a value breaks of a schema: the part of JSON Schema that ours use."""
    if "$ref" in schema:
        inner = whole["$defs"][schema["$ref"].removeprefix("#/$defs/")]
        return faults(value, inner, whole=whole)
    if "anyOf" in schema:
        sides = [faults(value, side, whole=whole) for side in schema["anyOf"]]
        return [] if any(not side for side in sides) else min(sides, key=len)
    found = []
    if (kind := schema.get("type")) and not (
        isinstance(value, TYPES[kind]) and not (kind != "boolean" and isinstance(value, bool))
    ):
        return [f"{value!r} is no {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{value!r} is none of {schema['enum']}")
    if "const" in schema and value != schema["const"]:
        found.append(f"{value!r} is not {schema['const']!r}")
    if "pattern" in schema and isinstance(value, str) and not re.search(schema["pattern"], value):
        found.append(f"{value!r} does not match {schema['pattern']}")
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        found += [fault for one in value for fault in faults(one, schema["items"], whole=whole)]
    if isinstance(value, dict):
        known, more = schema.get("properties", {}), schema.get("additionalProperties", True)
        found += [f"{key} is missing" for key in schema.get("required", ()) if key not in value]
        for key, one in value.items():
            inner = known.get(key, more)
            if inner is False:
                found.append(f"{key} is unknown")
            elif isinstance(inner, dict):
                found += faults(one, inner, whole=whole)
    return found
