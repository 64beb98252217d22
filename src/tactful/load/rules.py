"""The closed list of reasons for which a row goes into quarantine, one plain sentence each."""

from enum import Enum


class Rule(Enum):
    """Why a row was not accepted. The value is the code that is stored. Stability: full."""

    TOO_FEW_FIELDS = "too_few_fields"
    TOO_MANY_FIELDS = "too_many_fields"
    QUOTE_NOT_CLOSED = "quote_not_closed"
    TEXT_AFTER_QUOTE = "text_after_quote"
    CELL_TOO_LONG = "cell_too_long"
    ROW_TOO_LONG = "row_too_long"
    NUL_BYTE = "nul_byte"
    NOT_TEXT = "not_text"
    NOT_JSON = "not_json"
    NOT_AN_OBJECT = "not_an_object"
    REPEATED_KEY = "repeated_key"
    MISSING = "missing"
    NOT_AN_INTEGER = "not_an_integer"
    NOT_A_DECIMAL = "not_a_decimal"
    OUT_OF_RANGE = "out_of_range"
    NOT_A_BOOLEAN = "not_a_boolean"
    NOT_AN_INSTANT = "not_an_instant"
    NOT_A_DATE = "not_a_date"
    NOT_IN_LIST = "not_in_list"
    NOT_AN_ID = "not_an_id"
    SPREADSHEET_DAMAGE = "spreadsheet_damage"
    NOT_AN_EMAIL = "not_an_email"
    NOT_THIS_TYPE = "not_this_type"
    NOT_THE_PATTERN = "not_the_pattern"
    NOT_A_CURRENCY = "not_a_currency"
    NOT_A_CUSTOMER = "not_a_customer"
    TOO_EARLY = "too_early"
    NO_KIND = "no_kind"
    ERASED = "erased"

    @property
    def sentence(self) -> str:
        """The rule in the reader's words.

        >>> Rule.NUL_BYTE.sentence
        'the row holds a NUL byte'
        """
        return SENTENCES[self]


SENTENCES = {
    Rule.TOO_FEW_FIELDS: "the row has fewer fields than the header",
    Rule.TOO_MANY_FIELDS: "the row has more fields than the header",
    Rule.QUOTE_NOT_CLOSED: "a quoted field is opened and never closed; reading went on at the next line",
    Rule.TEXT_AFTER_QUOTE: "text follows a closing quote; reading went on at the next line",
    Rule.CELL_TOO_LONG: "a cell is longer than the limit",
    Rule.ROW_TOO_LONG: "the row is longer than the limit; only its beginning is kept",
    Rule.NUL_BYTE: "the row holds a NUL byte",
    Rule.NOT_TEXT: "the row holds bytes that are no text in the file's encoding",
    Rule.NOT_JSON: "the line is not valid JSON",
    Rule.NOT_AN_OBJECT: "the line is valid JSON but not an object",
    Rule.REPEATED_KEY: "the object names one key twice",
    Rule.MISSING: "a required value is missing",
    Rule.NOT_AN_INTEGER: "not a whole number",
    Rule.NOT_A_DECIMAL: "not a number in the declared notation",
    Rule.OUT_OF_RANGE: "the number is outside the declared range",
    Rule.NOT_A_BOOLEAN: "not one of the declared words for yes and no",
    Rule.NOT_AN_INSTANT: "not a time in a declared format",
    Rule.NOT_A_DATE: "not a date in a declared format",
    Rule.NOT_IN_LIST: "not one of the declared words",
    Rule.NOT_AN_ID: "the id does not have the declared pattern",
    Rule.SPREADSHEET_DAMAGE: "a spreadsheet has turned the id into a rounded number; its digits are lost",
    Rule.NOT_AN_EMAIL: "not an e-mail address",
    Rule.NOT_THIS_TYPE: "the value has another type than the column",
    Rule.NOT_THE_PATTERN: "the text does not have the declared pattern",
    Rule.NOT_A_CURRENCY: "not a currency: three capital letters, such as GBP",
    Rule.NOT_A_CUSTOMER: "a word such as null or guest stands where a customer is required",
    Rule.TOO_EARLY: "the time lies before the declared earliest",
    Rule.NO_KIND: "no declared kind of transaction fits the row",
    Rule.ERASED: "the person was erased and is not brought back; the bytes are not kept",
}
