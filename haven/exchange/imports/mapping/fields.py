"""The fields that a file of each format may have. A column mapping maps these to headings."""

from __future__ import annotations

FIELDS: dict[str, frozenset[str]] = {
    "schools": frozenset(
        [
            "urn",
            "name",
            "la_code",
            "la_name",
            "establishment_number",
            "phase",
            "type_code",
            "type",
            "status",
            "trust_ref",
            "trust_name",
            "low_age",
            "high_age",
            "street",
            "locality",
            "address3",
            "town",
            "county",
            "postcode",
            "telephone",
            "website",
            "head_title",
            "head_forename",
            "head_surname",
            "head_job_title",
            "opened_on",
            "closed_on",
            "capacity",
            "pupils",
            "ukprn",
            "gender",
            "religious_character",
        ]
    ),
    "calendar": frozenset(["date", "session", "kind", "name", "from", "to"]),
    "pupils": frozenset(
        [
            "upn",
            "former_upn",
            "surname",
            "forename",
            "middle_names",
            "preferred_surname",
            "preferred_forename",
            "dob",
            "sex",
            "year_group",
            "registration_group",
            "start_date",
            "leave_date",
            "enrolment",
            "sen",
            "fsm",
            "ethnicity",
            "first_language",
            "school_urn",
            "address_line_1",
            "address_line_2",
            "address_line_3",
            "town",
            "county",
            "postcode",
        ]
    ),
    "marks_long": frozenset(["upn", "date", "session", "code", "minutes_late", "comment"]),
    "marks_wide": frozenset(["upn"]),
}

NUMBERED_FIELDS: dict[str, dict[str, frozenset[str]]] = {
    "pupils": {
        "contact": frozenset(
            [
                "name",
                "relationship",
                "phone",
                "email",
                "priority",
                "parental_responsibility",
                "safe_to_contact",
                "lives_with_pupil",
                "language",
                "interpreter",
            ]
        )
    }
}
"""Fields that come in numbered groups: contact1_name, contact2_name and so on."""
