"""Cases of the rules about the brand's voice, what can be seen, and where addresses pretend to lead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from check.making import PHOTO, PHOTO_OK, SHOP, link, value, words
from check.world import Letter, World, one

DARK = "<style>@media (prefers-color-scheme: dark) { body { background: #111 !important } "
HARD = "Notwithstanding considerable organisational heterogeneity, comprehensive individualisation necessitates"
EASY = "We like it a lot. You can see it here. It is well made. It will last. We think that you will like it too."
ALT = "Regency cake stand"


def coloured(text: str, style: str = "") -> World:
    """A letter with one more coloured sentence and another sheet."""
    return one(
        html_swaps=[("and it lasts.", f'and it lasts. <b style="{text}">Do look.</b>'), ("<style>", f"{style}<style>")]
    )


def counted(number: str, noun: str = "items") -> World:
    """A letter that counts something."""
    swap = ("and it lasts.", f"and it lasts. You have «facts.order_count | plus:number» {noun}.")
    return one(html_swaps=[swap], values={"facts.order_count | plus": number})


def contents(*texts: str) -> World:
    """Letters of several contents."""
    letters = [
        Content(customer=f"c{n}", content=f"win-back/{n}", decision={"content_id": f"win-back/{n}"},
                text_swaps=[("Here is one thing", text)])
        for n, text in enumerate(texts)
    ]  # fmt: skip
    return World(letters=list(letters), crowd=0)


class Content(Letter):
    """A letter of another content."""

    def __init__(self, *, content: str, **more: Any) -> None:
        super().__init__(**more)
        self.content = content

    def skeleton(self) -> Any:
        made, columns = super().skeleton()
        return replace(made, content_id=self.content), columns


CASES: dict[str, tuple[World, World]] = {
    "contrast-none": (coloured("color:#fffdf8"), coloured("color:#999")),
    "contrast-low": (
        coloured("color:#888", f"{DARK} b {{ color: #333 !important }} }}</style>"),
        coloured("color:#767676", f"{DARK} body, h1, p, a, b, td {{ color: #ddd !important }} }}</style>"),
    ),
    "alt-says-nothing": (
        words(f'{PHOTO} alt="IMG_2201.jpg">', **PHOTO_OK),
        words(f'{PHOTO} alt="{ALT}, 3 tier">', **PHOTO_OK),
    ),
    "picture-not-shown": (
        words('<img src="https://shop.example/p.webp" alt="">', links={"https://shop.example/p.webp": "ok"}),
        words(f'{PHOTO} alt="">', **PHOTO_OK),
    ),
    "too-many-pictures": (
        words(f'{PHOTO} alt="">', **PHOTO_OK, brand={"most_pictures": 0}),
        words(f'{PHOTO} alt="">', **PHOTO_OK, brand={"most_pictures": 1}),
    ),
    "always-words": (
        one(brand={"always": ("With good wishes",)}),
        one(brand={"always": ("you've ordered from",)}),
    ),
    "hard-to-read": (
        one(text_swaps=[("Here is one thing from it.", f"{HARD} {HARD} {HARD}.")], brand={"reading_ease": 50}),
        one(text_swaps=[("Here is one thing from it.", EASY)], brand={"reading_ease": 50}),
    ),
    "sentence-stumbles": (words("It is in the the shop."), words("We had had it, and that that was so.")),
    "value-padded": (value("items[0].price_note", "incl. VAT "), value("items[0].price_note", "incl. VAT")),
    "number-reads-badly": (counted("1"), counted("2")),
    "variants-alike": (
        contents("Here is one pot", "Here is one pan"),
        contents("Here is one pot", "Here are two good pans"),
    ),
    "link-near-ours": (link("https://sh0p.example/"), link("https://post.example/")),
    "link-tells-who": (link("https://shop.example/?mc_eid=1a2b"), link("https://shop.example/?page=2")),
    "tracking-uneven": (
        words('<a href="https://shop.example/?utm_campaign=a">Two</a>'),
        one(html_swaps=[(SHOP, SHOP.replace("example/", "example/?utm_campaign=a"))]),
    ),
    "watching-said": (
        words("We saw that you looked at this at 02:13."),
        words("You told us that you like tea. We saw a good harvest."),
    ),
    "gender-in-words": (words("Thank you, Sir."), words("Dear Sir or Madam, we have Siria tea.")),
}
