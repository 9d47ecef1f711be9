"""The kinds of status in files of pupils. Haven does not start if one is missing."""

from haven.platform.definitions import DefinitionUse

SEN_SUPPORT = "sen_support"
EHCP = "ehcp"
FSM = "fsm"

USES = tuple(DefinitionUse("status", kind) for kind in (SEN_SUPPORT, EHCP, FSM))
