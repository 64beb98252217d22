"""Why an item is not among those a customer is shown: one way down from the whole catalogue, each item counted once."""

from enum import Enum


class LeftOut(Enum):
    """Where on the way an item was left out; in this order, so that each item has one reason. Stability: full.

    >>> LeftOut.OWNED.sentence
    'they have it already'
    """

    NOT_FOR_SALE = "not_for_sale"
    SENSITIVE = "sensitive"
    OUT_OF_STOCK = "out_of_stock"
    NEVER = "never"
    UNKNOWN = "unknown"
    RETURNED = "returned"
    JUST_BOUGHT = "just_bought"
    OWNED = "owned"
    HOUSEHOLD = "household"
    OTHER_RANGE = "other_range"
    NOT_NEW = "not_new"
    UNRELATED = "unrelated"
    ALIKE = "alike"
    LESS_LIKELY = "less_likely"

    @property
    def sentence(self) -> str:
        """The reason in a few plain words."""
        return _SENTENCES[self]


_SENTENCES = {
    LeftOut.NOT_FOR_SALE: "not for sale",
    LeftOut.SENSITIVE: "on a sensitive topic",
    LeftOut.OUT_OF_STOCK: "out of stock, or not on sale today",
    LeftOut.NEVER: "never recommended, by the policy",
    LeftOut.UNKNOWN: "too few people have ordered it",
    LeftOut.RETURNED: "they sent it back",
    LeftOut.JUST_BOUGHT: "they just ordered it",
    LeftOut.OWNED: "they have it already",
    LeftOut.HOUSEHOLD: "somebody of their household just ordered it or sent it back",
    LeftOut.OTHER_RANGE: "of another range than this message is about",
    LeftOut.NOT_NEW: "not new",
    LeftOut.UNRELATED: "nothing they ordered speaks for it",
    LeftOut.ALIKE: "much like an item shown, or it would name one order too many",
    LeftOut.LESS_LIKELY: "less likely than those shown",
}
