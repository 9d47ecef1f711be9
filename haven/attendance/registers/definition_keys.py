"""The form of an attempt to reach the family, its fields, and the statuses that figures count. Haven does not start if one is missing."""

from haven.core.people.definition_keys import EHCP, SEN_SUPPORT
from haven.platform.definitions import DefinitionUse
from haven.rules.contact_ladder import OUTCOMES

CONTACT_ATTEMPT = "contact_attempt"
OUTCOME = "outcome"
CONTACT_REF = "contact_ref"
CONTACT_NAME = "contact_name"
NUMBER = "number"
WORDS = "words"
REASON = "reason"
NEXT_AT = "next_at"

SEN = {EHCP: "E", SEN_SUPPORT: "K"}
SOCIAL_WORKER = ("child_in_need", "assessment", "child_protection", "looked_after")
"""Statuses by which a child has a social worker: a child in need, one being assessed, one with a child protection plan, one looked after
(Working together to safeguard children)."""

USES = (
    DefinitionUse(
        "form",
        CONTACT_ATTEMPT,
        (
            OUTCOME, CONTACT_REF, CONTACT_NAME, NUMBER, WORDS, REASON, NEXT_AT,
            *(f"{OUTCOME}.{outcome.value}" for outcome in OUTCOMES),
        ),
    ),
    *(DefinitionUse("status", kind) for kind in (*SEN, *SOCIAL_WORKER)),
)  # fmt: skip
