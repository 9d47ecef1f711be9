"""The message definitions that the follow-up list sends. Haven does not start if one is missing."""

from haven.platform.definitions import DefinitionUse

ABSENCE_TEXT = "absence_text"
ABSENCE_EMAIL = "absence_email"

USES = tuple(DefinitionUse("message", message) for message in (ABSENCE_TEXT, ABSENCE_EMAIL))
