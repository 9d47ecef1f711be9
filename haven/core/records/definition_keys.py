"""The forms that code names. Haven does not start if the definition of one is missing."""

from haven.platform.definitions import DefinitionUse

CONCERN = "concern"
NOTE = "note"

USES = (DefinitionUse("form", CONCERN), DefinitionUse("form", NOTE))
