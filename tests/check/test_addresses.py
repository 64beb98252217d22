"""Addresses, colours and numbers that nobody can read: the rules say so, and nothing breaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from check.making import words
from check.world import World, one
from tactful.check.addresses import host_of, hosts_of, parts_of
from tactful.check.colours import faint
from tactful.check.letter.colours import colour
from tactful.check.sheet import colour_of
from tactful.flow.contents import check_file
from tactful.words.money import Money

BROKEN = ("https://[x/a.png", "https://[::1/a.png", "//[")
LONG = "9" * 5_000


def rules(world: World) -> set[str]:
    return {str(row["rule"]) for row in world.findings()}


@pytest.mark.parametrize("url", BROKEN)
def test_F90_an_address_that_cannot_be_read_is_told_and_does_not_stop_the_gate(url: str) -> None:
    picture = '<img src="«items[0].image:url»" alt="">'
    shown = one(html_swaps=[("and it lasts.", f"and it lasts. {picture}")], values={"items[0].image": url})
    typed = words(f'<a href="{url}">Here</a> <img src="{url}" alt="">')
    assert "link-host" in rules(shown)
    assert "link-host" in rules(typed)


def test_what_cannot_be_read_has_no_parts() -> None:
    assert [parts_of(url) for url in BROKEN] == [None] * len(BROKEN)
    assert [host_of(url) for url in (*BROKEN, "https:///a", "/a")] == [""] * (len(BROKEN) + 2)
    assert host_of("https://user@Shop.Example.:80/") == "shop.example"
    assert hosts_of(one().project().brand)


@pytest.mark.parametrize(
    "style",
    ["font-size:1.2.3px;color:#ccc", "font-size:.px;color:#ccc", f"font-size:{LONG}px;color:#ccc",
     f"color:rgb({LONG},1,1)", "color:rgb(1.2.3,1,1)", "color:rgba(1,1,1,.)"],
)  # fmt: skip
def test_numbers_in_styles_that_are_none_are_passed_over(style: str) -> None:
    assert len(faint(f'<p style="{style}">x</p>')) <= 1
    written = style.rpartition("color:")[2]
    colour(written)
    colour_of(written, before=None)


def test_a_letter_whose_widths_and_places_are_no_numbers_is_read(tmp_path: Path) -> None:
    path = tmp_path / "letter.html"
    path.write_text(
        f"""<!doctype html><html lang="en"><head><title>A</title></head><body data-tactful-at="²">
        <p data-tactful-at="{LONG}">Words</p><img src="https://[x/a.png" width="{LONG}" alt="A">
        <a href="https://[x/">Here</a></body></html>""",
        encoding="utf-8",
    )
    assert check_file(path).findings


@pytest.mark.parametrize("amount", ["9" * 40, LONG])
def test_money_beyond_counting_is_no_money(amount: str) -> None:
    with pytest.raises(ValueError, match="more than can be counted"):
        Money.read(f"{amount} GBP")
