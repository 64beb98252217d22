"""Phrases by which a letter's parts are known, in the languages most mail is written in."""

from __future__ import annotations

import re
from typing import Final


def _any(words: str, *, before: str = "", after: str = "") -> re.Pattern[str]:
    """A pattern of phrases, written one beside another between bars."""
    return re.compile(before + "(?:" + re.sub(r"\s*\n\s*", "", words.strip()) + ")" + after, re.IGNORECASE)


UNSUBSCRIBE: Final = _any(r"""
    unsubscri|opt[ -]?out|stop receiving|no longer (?:wish|want)|leave (?:this|our) list|remove me
    |(?:e-?mail|manage|update|your|communication|notification)s? (?:your )?(?:e-?mail )?
    (?:preferences|settings|subscriptions?)
    |abmeld|abbestell|austragen|d[ée]sabonn|d[ée]sinscri|darse de baja|cancelar (?:la )?suscripci
    |disiscri|cancella(?:ti|re|zione)|afmelden|uitschrijv|avregistrer|avsluta pren|afmeld|frameld|avmeld|odhlásit|wypisz
    |отписат|отказаться|退订|取消订阅|配信停止|購読解除|수신거부
""")
"""How a way out is called."""
UNSUBSCRIBE_LINK: Final = _any("unsub|opt-?out|list-manage|preferenc|abmeld|desabon|optin|email-settings")
"""How the addresses, and other tools' tags, of a way out are called."""
POST: Final = _any(r"""
    \b\d{4,6}(?:-\d{3,4})?\b|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b
    |\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b|\bP\.? ?O\.? Box\b
""")
"""Post codes."""
STREET: Final = _any(r"""
    street|str\.|st\.?,|st\.? |road|rd\.?\b|avenue|ave\.?\b|lane|ln\b|drive|dr\.?,|boulevard|blvd|square
    |suite|ste\.?|floor
    |place|way,|court|broadway|highway|p\.? ?o\.? box|rue|calle|via|rua|plaza|piazza
    |\w+(?:straße|strasse|str\.|weg|platz|gasse|allee|straat|gatan|vej)
""", before=r"\b", after=r"(?:\b|(?<=\W))")  # fmt: skip
"""What stands in the line of a street."""
HOUSE: Final = re.compile(
    r"\b\d{1,5}[a-zA-Z]? (?:[A-Z][\w.'-]+ ){1,3}"
    r"(?:Street|Road|Avenue|Lane|Drive|Boulevard|Court|Square|Broadway|Highway|St\.|Rd\.|Ave\.)"
)
"""A house in its street, where no post code follows."""
SERVICE: Final = _any(r"""
    reset (?:your|my) password|password reset|passwor[dt]|verif(?:y|ication)
    |confirm (?:your|my) (?:e-?mail|account|address)
    |receipt|invoice|order (?:confirmation|number|#)|your order|has (?:been )?shipped
    |security alert|sign[- ]in|two-factor
    |one-time|rechnung|bestellbestätigung|account (?:was|has been)
""", before=r"\b", after=r"\b")  # fmt: skip
"""What only service mail says: it needs no way out."""
BROWSER: Final = _any(r"""
    (?:if you )?(?:can'?t|cannot|having trouble|trouble|problems?)[^.]{0,40}(?:view|see|read|display)\w*
    |view (?:this )?(?:e-?mail |it )?(?:in|online)|im browser|online ansehen|voir en ligne
""", before=r"^\W*")  # fmt: skip
"""A first line that says nothing of the letter."""
