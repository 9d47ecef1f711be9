"""Class lists in the layouts that schools send, with made-up children: unusual encodings, guidance rows, empty rows, two date styles."""

from pathlib import Path

CONTACTS = ",".join(
    f"PARENT_{number}_{what}" for number in (1, 2) for what in ("NAME", "RELATIONSHIP", "EMAIL", "PHONE")
)
CHILD = "CHILD_FIRST_NAME,CHILD_LAST_NAME,CHILD_PREFERRED_GIVEN_NAME,CHILD_DATE_OF_BIRTH"
ADDRESS = "CHILD_ADDRESS_LINE_1,CHILD_ADDRESS_LINE_2,CHILD_TOWN,CHILD_POSTCODE"
SHORT = "CHILD_FIRST_NAME,CHILD_LAST_NAME,CHILD_DATE_OF_BIRTH"
GUIDANCE = '"Required: Free text","Required: Free text","Required: DD/MM/YYYY"'
MOTHER = "Ida Birch,Mother,ida@example.com,07700900101,,,,"
BOTH = "Vera Tarn,Mother,vera@example.com,07700900102,Otto Tarn,Father,otto@example.com,"
NOBODY = ",,,,,,,"

CLASS = f"""\
{CONTACTS},{CHILD.replace("GIVEN", "FIRST")},CHILD_YEAR_GROUP,{ADDRESS.replace("CHILD_POSTCODE", "CHILD_POSTCODE,CHILD_REGISTRATION")},CHILD_NHS_NUMBER
,,anon@example.com,07700900100,,,,,Petra,Quill,Pet,2010-01-01,9,1 Made-up Street,,London,SW1A 1AA,ABC,9990000018
{MOTHER},Colin,Birch,Col,02/01/2010,,1 Made-up Street,,London,SW1A 1AA,ABC,999 000 0026
{BOTH},Mark,Tarn,,2010-01-03,,2 Made-up Street,,London,SW1A 1AA,DEF,9990000034
,,other@example.com,07700900103,,,,,Gay,Thorn-Field,,2010-04-09,,,,,,GHI,
,,,,,,,,,,,,,,,,,,
"""
CLASS_EXTRA = f"""\
SCHOOL_NAME,{CONTACTS},{CHILD},{ADDRESS},CHILD_NHS_NUMBER,CHILD_REGISTRATION,CHILD_YEAR_GROUP
Imagined Primary,,,anon@example.com,07700900100,,,,,Petra,Quill,Pet,2010-01-01,1 Made-up Street,,London,SW1A 1AA,9990000018,8A,8
Imagined Primary,{MOTHER},Colin,Birch,Col,02/01/2010,1 Made-up Street,,London,SW1A 1AA,999 000 0026,8A,8
Imagined Primary,{BOTH},Mark,Tarn,,2010-01-03,2 Made-up Street,,London,SW1A 1AA,9990000034,8A,8
"""
_COHORT = f"CHILD_SCHOOL_URN,{CONTACTS},{CHILD},CHILD_YEAR_GROUP,{ADDRESS},CHILD_NHS_NUMBER"
_EMPTY = "," * _COHORT.count(",")
_PETRA = f"123456,{NOBODY},Petra,Quill,Pet,2010-01-01,9,1 Made-up Street,,London,SW1A 1AA,9990000018"
_COLIN = f"123456,{MOTHER},Colin,Birch,Col,02/01/2010,,1 Made-up Street,,London,SW1A 1AA,999 000 0026"
_MARK = f"888888,{BOTH},Mark,Tarn,,2010-01-03,,2 Made-up Street,,London,SW1A 1AA,"
_TWIN = f"123456,{NOBODY},Katrin,Quill,Kat,2010-01-01,10,1 Made-up Street,,London,SW11 1AA,9435807194"

COHORT = "\n".join([_COHORT, _PETRA, _COLIN, _MARK, _EMPTY, ""])
COHORT_EXTRA = f"""\
CHILD_SCHOOL_URN,SCHOOL_NAME,{CONTACTS},{CHILD},{ADDRESS},CHILD_NHS_NUMBER,CHILD_YEAR_GROUP
123456,Imagined Primary,{NOBODY},Petra,Quill,Pet,2010-01-01,1 Made-up Street,,London,SW1A 1AA,9990000018,8
123456,Imagined Primary,{MOTHER},Colin,Birch,Col,02/01/2010,1 Made-up Street,,London,SW1A 1AA,999 000 0026,8
123456,Imagined Primary,{BOTH},Mark,Tarn,,2010-01-03,2 Made-up Street,,London,SW1A 1AA,9990000034,8
"""
_ENCODED = (
    "CHILD_FIRST_NAME,CHILD_LAST_NAME,CHILD_PREFERRED_FIRST_NAME,CHILD_PREFERRED_LAST_NAME,CHILD_DATE_OF_BIRTH,"
    "CHILD_NHS_NUMBER,CHILD_GENDER,CHILD_ADDRESS_LINE_1,CHILD_ADDRESS_LINE_2,CHILD_TOWN,CHILD_REGISTRATION,CHILD_POSTCODE,"
    f"CHILD_SCHOOL_URN,{CONTACTS}"
)
_NAMES = (
    ("Rolf", "AMBER", "LS27 8RT"), ("Lars", "BROOK", "LS27 7ED"), ("Jon", "CEDAR", "LS11 7JJ"), ("Stig", "DALE", "LS26 0RX"),
    ("Cher", "ELDER", "LS11 8LD"), ("Jana", "FENN", "LS1 5RW"), ("Anton", "GORSE", "LS27 9HG"), ("Dirk", "HAZEL", "LS10 3AX"),
    ("Alban", "IVES", "LS10 3PX"), ("Verity", "JUNE", "LS27 0BJ"), ("Joan", "KEEL", "LS27 8BW"), ("Sofia", "LARCH", "LS11 9SR"),
    ("Amalia", "MOSS", "LS27 7NE"), ("Averyveryveryverylongfirstname", "Averyveryveryverylonglastname", "st1 oqs"),
    ("Rolf", "Quesada-Núñez", "LS11 7EZ"), ("Wim", "Pale", "LS26 0UJ"),
)  # fmt: skip
ISO_8859_1 = "\r\n".join(
    [
        _ENCODED,
        *(f"{forename},{surname},,,11/03/2010,,Male,,,,,{postcode},120026,,,,,,,,\r" for forename, surname, postcode in _NAMES),
        "",
    ]
).replace("\r\r", "\r")  # fmt: skip

CLASS_LISTS = {
    "class.csv": CLASS.encode(),
    "class_minimal.csv": f"{SHORT}\nPetra,Quill,2010-01-01\n".encode(),
    "class_with_byte_order_mark.csv": f"\ufeff{SHORT},CHILD_POSTCODE\r\nLina,Roth,15/01/2012,B99 3EZ".encode(),
    "class_with_guidance_row.csv": f"{SHORT}\n{GUIDANCE}\nPetra,Quill,2010-01-01\n".encode(),
    "class_with_extra_columns.csv": CLASS_EXTRA.encode(),
    "cohort.csv": COHORT.encode(),
    "cohort_with_extra_columns.csv": COHORT_EXTRA.encode(),
    "cohort_with_guidance_row.csv": (
        f"{SHORT},CHILD_POSTCODE,CHILD_SCHOOL_URN\n{GUIDANCE},\"Required: Valid postcode format\","
        "\"Required, 6 digits, numeric, use 888888 for school unknown and 999999 for homeschooled\"\n"
        "Petra,Quill,2010-01-01,SW1A 1AA,123456\n"
    ).encode(),
    "cohort_iso_8859_1.csv": ISO_8859_1.encode("iso-8859-1"),
    "cohort_minimal.csv": f"{SHORT},CHILD_POSTCODE,CHILD_SCHOOL_URN\nPetra,Quill,2010-01-01,SW1A 1AA,123456\n".encode(),
    "cohort_unknown_school.csv": "\n".join([_COHORT, _PETRA.replace("123456", "999999"), _MARK, _EMPTY, ""]).encode(),
    "cohort_with_changes.csv": (
        f"{_COHORT.replace('CHILD_YEAR_GROUP,', '')}\n123456,{NOBODY},Petra,Quill,Pet,2010-01-01,3 New Street,,London,SW1A 1AB,9990000018\n"
    ).encode(),
    "cohort_with_duplicates.csv": "\n".join([_COHORT, _PETRA, _COLIN, _MARK, _TWIN, _EMPTY, ""]).encode(),
}  # fmt: skip
"""Each file by its name: a class list is of one school, a cohort list names the school of each child."""


def class_list(name: str, folder: Path) -> Path:
    """Write the class list of that name into `folder` and return its path."""
    path = folder / name
    path.write_bytes(CLASS_LISTS[name])
    return path
