"""Checks telephone numbers with Google's numbering plans; numbers without a country are British.

Numbers that Ofcom reserves for drama (07700 900123) are in no plan and belong to nobody: demonstrations and training use them, so they are
valid here.
"""

import phonenumbers

_DRAMA = (
    "7700900", "1632960", "2079460", "113496", "114496", "115496", "116496", "117496", "118496", "121496", "131496",
    "141496", "151496", "161496", "191498", "2896496", "2920180", "306999", "808157", "909879",
)  # fmt: skip
_GREAT_BRITAIN, _DIGITS = 44, 10


def is_number(text: str) -> bool:
    """Whether the text is a telephone number in use, or one reserved for drama. An empty text is not."""
    try:
        number = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException:
        return False
    if phonenumbers.is_valid_number(number):
        return True
    national = str(number.national_number)
    return number.country_code == _GREAT_BRITAIN and national.startswith(_DRAMA) and len(national) == _DIGITS


def dial(text: str) -> str:
    """The number for a `tel:` link ("+447700900123"); "" for an invalid number."""
    if not is_number(text):
        return ""
    return str(phonenumbers.format_number(phonenumbers.parse(text, "GB"), phonenumbers.PhoneNumberFormat.E164))
