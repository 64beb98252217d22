"""Writes the reference pages from the code itself, and refuses what says nothing of itself.

Commands, project files, rules of the gate, reasons, tables, Python names: each page is read from where the thing is
made, so that a page cannot be out of date. Exits 1 when a command, an option, a declaration, a rule or a reason has no
sentence.

    python -m tools.reference [FOLDER]
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel

from tools.houseplan import PACKAGE, ROOT

FOLDER = ROOT / "docs" / "reference"
NONE_YET = "This build has no such part.\n"


class Page:
    """A page being written, and what on it says nothing of itself."""

    def __init__(self, title: str, *, about: str) -> None:
        self.lines = [f"# {title}", "", about, ""]
        self.silent: list[str] = []

    def say(self, *lines: str) -> None:
        """Add lines, and a blank one after them."""
        self.lines += [*lines, ""]

    def sentence(self, what: str, *, text: str | None) -> str:
        """A text as one line; what has none is noted."""
        if not text or not text.strip():
            self.silent.append(what)
            return ""
        return " ".join(text.split())

    def table(self, *heads: str, rows: Iterator[tuple[str, ...]] | list[tuple[str, ...]]) -> None:
        """Add a table; nothing where it has no rows."""
        listed = [[cell.replace("|", "\\|") for cell in row] for row in rows]
        if listed:
            rule = " | ".join("---" for _ in heads)
            self.say(*(f"| {line} |" for line in (" | ".join(heads), rule, *(" | ".join(row) for row in listed))))


def commands(page: Page) -> None:
    """Every command, with its arguments and options."""
    main = importlib.import_module("tactful.cli").main
    group = main if isinstance(main, click.Group) else importlib.import_module("tactful.cli").group
    with click.Context(group, info_name="tactful") as context:
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            if command is not None and not command.hidden:
                one_command(page, name, command, context)


def one_command(page: Page, name: str, command: click.Command, parent: click.Context) -> None:
    """One command: how it is typed, what it does, what it takes."""
    with click.Context(command, info_name=name, parent=parent) as context:
        usage = " ".join(command.collect_usage_pieces(context))
        page.say(f"## tactful {name}", "", f"`tactful {name} {usage}`")
        text = inspect.cleandoc(command.help or "").replace("\b\n", "")
        page.sentence(f"command {name}", text=text)
        page.say(text)
        options = [option for option in command.params if isinstance(option, click.Option)]
        page.table(
            "option",
            "what it does",
            rows=[
                (
                    " ".join(f"`{spelling}`" for spelling in (*option.opts, *option.secondary_opts)),
                    page.sentence(f"command {name}, option {option.name}", text=option.help),
                )
                for option in options
            ],
        )


def project_files(page: Page) -> None:
    """Every file of a project, key by key."""
    project = importlib.import_module("tactful.project")
    for found in pkgutil.iter_modules(project.__path__, "tactful.project."):
        module = importlib.import_module(found.name)
        if not (module.__doc__ or "").startswith("`"):
            continue
        name, _, about = (module.__doc__ or "").partition(": ")
        page.say(f"## {name}", "", " ".join((about[:1].upper() + about[1:]).split()))
        for _, model in inspect.getmembers(module, inspect.isclass):
            if model.__module__ == module.__name__ and issubclass(model, BaseModel):
                one_declaration(page, model)


def one_declaration(page: Page, model: type[BaseModel]) -> None:
    """The keys of one declaration: type, default, meaning."""
    page.say(f"### {model.__name__}", "", page.sentence(f"declaration {model.__name__}", text=model.__doc__))
    said = model.model_json_schema(by_alias=True)
    required = set(said.get("required", ()))
    page.table(
        "key",
        "holds",
        "default",
        "meaning",
        rows=[
            (
                f"`{key}`",
                kind(about),
                "required" if key in required else default(about),
                " ".join(str(about.get("description", "")).split()),
            )
            for key, about in said.get("properties", {}).items()
        ],
    )


def kind(about: dict[str, Any]) -> str:
    """What a key of a JSON schema may hold, in words."""
    if "$ref" in about:
        return str(about["$ref"]).rsplit("/", 1)[-1]
    if "const" in about:
        return f"`{about['const']}`"
    if "enum" in about:
        return ", ".join(f"`{value}`" for value in about["enum"])
    if choices := [*about.get("anyOf", ()), *about.get("allOf", ())]:
        return " or ".join(dict.fromkeys(kind(choice) for choice in choices if choice.get("type") != "null"))
    if about.get("type") == "array":
        return f"list of {kind(about.get('items', {}))}"
    if about.get("type") == "object":
        inner = about.get("additionalProperties")
        return f"names, each with {kind(inner)}" if isinstance(inner, dict) else "names and values"
    return {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}.get(
        str(about.get("type", "")), "text"
    )


def default(about: dict[str, Any]) -> str:
    """The default of a key, as one would write it."""
    value = about.get("default")
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, list):
        return ", ".join(f"`{each}`" for each in value)
    return "" if value in (None, "") or isinstance(value, dict) else f"`{value}`"


def rules(page: Page) -> None:
    """Every rule of the gate, found by walking the room."""
    check = importlib.import_module("tactful.check")
    seen: dict[str, tuple[str, ...]] = {}
    for found in pkgutil.walk_packages(check.__path__, "tactful.check."):
        module = importlib.import_module(found.name)
        for value in vars(module).values():
            for rule in value if isinstance(value, tuple | list | frozenset) else (value,):
                if type(rule).__name__ == "Rule" and not isinstance(rule, type):
                    name = str(getattr(rule, "id", "") or getattr(rule, "name", "") or getattr(rule, "code", ""))
                    text = (
                        getattr(rule, "meaning", None) or getattr(rule, "sentence", None) or getattr(rule, "why", None)
                    )
                    severity = getattr(getattr(rule, "severity", None), "value", "")
                    seen[name] = (f"`{name}`", severity, page.sentence(f"rule {name}", text=text))
    if not seen:
        page.silent.append("the rules of the gate: none were found")
    page.table("rule", "severity", "what it asks", rows=[seen[name] for name in sorted(seen)])


def reasons(page: Page) -> None:
    """What came of a decision, and every reason for it."""
    outcome = importlib.import_module("tactful.words.outcome")
    page.table(
        "reason",
        "in plain words",
        rows=[(f"`{reason.value}`", page.sentence(reason.name, text=reason.sentence)) for reason in outcome.Reason],
    )
    for name in ("OutcomeKind", "DrawnBy"):
        values: type[Enum] = getattr(outcome, name)
        page.say(f"## {name}", "", page.sentence(name, text=values.__doc__), "")
        page.say(", ".join(f"`{value.value}`" for value in values))


def tables(page: Page) -> None:
    """Every table: who writes it, whose rows they are, how long they stay, its columns."""
    contracts = importlib.import_module("tactful.store.contracts")
    for table in sorted(contracts.TABLES.values(), key=lambda table: (table.place, table.name)):
        stays = f"kept ({table.why_kept})" if table.stays == "kept" else f"{table.stays} days"
        person = table.person or (f"through {table.through}" if table.through else "nobody")
        page.say(f"## {table.name}")
        page.say(f"In the {table.place}; written by `{table.writer}`; a row is about: {person}; stays {stays}.")
        page.table(
            "column",
            "type",
            "",
            rows=[
                (
                    f"`{column.name}`",
                    str(column.type),
                    ", ".join(["may be empty"] * column.null + ["a person's"] * column.person),
                )
                for column in table.columns
            ],
        )


def scenarios(page: Page) -> None:
    """Every scenario of the catalogue of failures, and what proves it."""
    catalogue = importlib.import_module("tools.scenarios").read()
    page.table(
        "scenario",
        "story",
        "state",
        "tests, and what is left out",
        rows=[
            (
                one.number,
                page.sentence(f"scenario {one.number}", text=one.says),
                one.state,
                " ".join([*(f"`{test.removeprefix('tests/')}`" for test in one.tests), one.why]).strip(),
            )
            for one in catalogue
        ],
    )


def python_names(page: Page) -> None:
    """What `import tactful` offers."""
    package = importlib.import_module("tactful")
    for name in getattr(package, "__all__", ()):
        value = getattr(package, name)
        text = inspect.getdoc(value) if callable(value) or inspect.ismodule(value) else ""
        if callable(value):
            page.say(f"## {name}", "", "```text", f"{name}{signature(value)}", "```")
            page.sentence(f"name {name}", text=text)
            page.say((text or "").split(">>>")[0].strip())


def signature(value: Callable[..., Any]) -> str:
    """The signature of a callable, or nothing where Python cannot tell it."""
    try:
        return str(inspect.signature(value))
    except (ValueError, TypeError):
        return ""


PAGES: dict[str, tuple[Callable[[Page], None], str, str]] = {
    "commands": (commands, "Commands", "Every command takes `--json`. Exit 0 done, 1 findings, 2 misuse, 3 failure."),
    "project-files": (project_files, "Project files", "Unknown keys are errors, with a guess at what was meant."),
    "rules": (rules, "Rules of the gate", "Every message passes every rule before it can leave."),
    "reasons": (reasons, "Reasons", "Every no and every choice carries at least one of these."),
    "scenarios": (scenarios, "Scenarios", "What has gone wrong elsewhere, and the tests that it cannot go wrong here."),
    "tables": (tables, "Tables", "Every table has one writer. Instants are UTC; derived ids are 16 bytes."),
    "python": (python_names, "Python", "What `import tactful` offers; nothing else is promised."),
}


def main(arguments: list[str]) -> int:
    """Write the pages; 1 if anything on them says nothing of itself."""
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        print("python -m tools.reference [FOLDER]    write the pages, to docs/reference unless a folder is named")
        return 2
    folder = Path(arguments[0]) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    silent: list[str] = []
    for name, (write, title, about) in PAGES.items():
        page = Page(title, about=about)
        try:
            write(page)
        except ModuleNotFoundError as error:
            if (PACKAGE / "/".join((error.name or "").split(".")[1:2])).exists():
                raise
            page.say(NONE_YET)
            print(f"reference: {error.name} is not there; {name}.md is empty")
        (folder / f"{name}.md").write_text("\n".join(page.lines), "utf-8")
        silent += [f"docs/reference/{name}.md: {what} says nothing of itself" for what in page.silent]
    print("\n".join(silent) or f"{len(PAGES)} pages of reference")
    return int(bool(silent))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
