"""The kinds of status that files of pupils speak of. Haven does not start where one is missing."""

from haven.platform.definitions import DefinitionUse

SEN_SUPPORT = "sen_support"
EHCP = "ehcp"
FSM = "fsm"

USES = tuple(DefinitionUse("status", kind) for kind in (SEN_SUPPORT, EHCP, FSM))
