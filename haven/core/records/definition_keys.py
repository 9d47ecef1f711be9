"""The forms that code names. Haven does not start where a definition of that id is missing."""

from haven.platform.definitions import DefinitionUse

CONCERN = "concern"
NOTE = "note"

USES = (DefinitionUse("form", CONCERN), DefinitionUse("form", NOTE))
