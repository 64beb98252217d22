"""The columns that declarations may name: canonical tables as people see them, without what we derive ourselves."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TABLES: dict[str, frozenset[str]] = {
    "customers": _words(
        "customer_id email phone given_name family_name title language country zone birth_date household_id joined_at"
    ),
    "transactions": _words("customer_id order_id line item_id quantity unit_price currency happened_at channel kind"),
    "events": _words(
        "event_id customer_id anonymous_id name happened_at received_at touchpoint device properties decision_id"
    ),
    "items": _words(
        """item_id title category list_price currency price_includes_vat url image note stock sensitive_topic sellable
        active_from active_to"""
    ),
    "stock": _words("item_id quantity counted_at"),
    "consents": _words("customer_id purpose channel state happened_at wording basis"),
    "preferences": _words("customer_id dial topics_off occasions_off frequency happened_at"),
    "suppressions": _words("address channel why since"),
    "past_sends": _words("customer_id channel purpose happened_at"),
    "links": _words("url status checked_at"),
    "facts": _words(
        """customer_id fact value_text value_integer value_decimal value_time provenance observed_at confidence"""
    ),
}
"""Columns a source may fill, by canonical table; `source`, `loaded_at` and keys are ours."""

NEEDED: dict[str, frozenset[str]] = {
    "customers": _words("customer_id"),
    "transactions": _words("order_id item_id quantity unit_price happened_at"),
    "events": _words("name happened_at"),
    "items": _words("item_id"),
    "stock": _words("item_id quantity"),
    "consents": _words("customer_id purpose channel state happened_at"),
    "preferences": _words("customer_id happened_at"),
    "suppressions": _words("address"),
    "past_sends": _words("customer_id channel happened_at"),
    "links": _words("url status"),
    "facts": _words("customer_id"),
}
"""Columns without which a row of a table means nothing."""

TYPED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        _words(
            """active_from active_to checked_at counted_at happened_at joined_at observed_at received_at since
            value_time"""
        ),
        ("instant", "day"),
    ),
    "birth_date": ("day",),
    "decision_id": ("text",),
    **dict.fromkeys(_words("confidence line quantity stock value_integer"), ("integer",)),
    **dict.fromkeys(_words("list_price unit_price value_decimal"), ("decimal", "integer")),
    **dict.fromkeys(_words("price_includes_vat sellable"), ("flag",)),
    **dict.fromkeys(_words("occasions_off topics_off"), ("words",)),
}
"""The types a source may declare for a column that does not hold plain text, the natural one first."""

TEXT = ("text", "email", "integer")
"""The types that a column of text takes."""

OF_ITEMS = _words("title category list_price sensitive_topic sellable")
"""Columns of items that facts and metrics over transactions may name: each line is joined with its item."""

DERIVED: dict[str, frozenset[str]] = {"transactions": _words("revenue")}
"""Columns computed while reading: revenue is quantity times unit price."""

PROFILE = _words(
    """familiarity knowledge stage language country zone household_id email_usable dial topics_off frequency consents
    withdrawn customer_id"""
)
"""Columns every profile has besides its facts."""

NO_FACT = PROFILE | _words(
    "customer_key email salutation_name familiarity_parts knowledge_parts as_of occasions_off source"
)
"""Names a fact cannot take, because profiles have them already."""

SYNONYMS = {
    "range": "category",
    "amount": "revenue",
    "price": "unit_price",
    "value": "revenue",
    "product": "item_id",
    "sku": "item_id",
    "date": "happened_at",
    "created_at": "happened_at",
    "customer": "customer_id",
    "email_address": "email",
    "first_name": "given_name",
    "last_name": "family_name",
    "surname": "family_name",
}
"""What people call a column elsewhere, and what it is called here."""


def readable(table: str) -> frozenset[str]:
    """The columns that an aggregate or condition over a table may name.

    >>> "category" in readable("transactions"), "category" in readable("events")
    (True, False)
    """
    extra = OF_ITEMS if table == "transactions" else frozenset[str]()
    return TABLES[table] | extra | DERIVED.get(table, frozenset())
