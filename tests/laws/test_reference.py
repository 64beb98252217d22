"""The reference is read from the code, and what says nothing of itself is named."""

import click
import pytest
from pydantic import BaseModel, Field

from tactful.words.outcome import Reason
from tools import reference
from tools.reference import Page


class Silent(BaseModel):
    pounds: int


class Telling(BaseModel):
    """What it holds."""

    colour: str | None = Field(default=None, description="of the button")
    sizes: list[int] = [1, 2]
    on: bool = True


@pytest.fixture
def page():
    return Page("A page", about="About it.")


def test_a_declaration_without_a_sentence_is_named(page):
    reference.one_declaration(page, Silent)
    assert page.silent == ["declaration Silent"]
    assert "| `pounds` | whole number | required |  |" in page.lines


def test_a_declaration_is_told_key_by_key(page):
    reference.one_declaration(page, Telling)
    assert page.silent == []
    assert page.lines[-5:-1] == [
        "| --- | --- | --- | --- |",
        "| `colour` | text |  | of the button |",
        "| `sizes` | list of whole number | `1`, `2` |  |",
        "| `on` | true or false | `true` |  |",
    ]


def test_a_command_or_option_without_a_sentence_is_named(page):
    @click.command()
    @click.option("--json", is_flag=True)
    @click.option("--quick", is_flag=True, help="A smaller one.")
    def silent():
        raise NotImplementedError

    with click.Context(click.Group("tactful"), info_name="tactful") as parent:
        reference.one_command(page, "silent", silent, parent)
    assert page.silent == ["command silent", "command silent, option json"]
    assert "| `--quick` | A smaller one. |" in page.lines


def test_every_reason_stands_on_its_page_with_its_sentence(page):
    reference.reasons(page)
    assert page.silent == []
    for reason in Reason:
        assert f"| `{reason.value}` | {reason.sentence} |" in page.lines


def test_every_table_stands_on_its_page_with_its_writer(page):
    reference.tables(page)
    text = "\n".join(page.lines)
    assert "## decisions\n\nIn the lake; written by `decide`; a row is about: customer_id;" in text
    assert "## outbox\n\nIn the ledger; written by `deliver`;" in text
