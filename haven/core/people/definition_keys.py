"""The kinds of status that code and `sql/separations.sql` name. Haven does not start if one is missing."""

from haven.platform.definitions import DefinitionUse

SEN_SUPPORT = "sen_support"
EHCP = "ehcp"
FSM = "fsm"
FSM_EXPANDED = "fsm_expanded"
SEPARATION = "safeguarding_separation"
"""A pupil kept off site for safety: the kind whose sessions are never counted as suspension."""

USES = tuple(DefinitionUse("status", kind) for kind in (SEN_SUPPORT, EHCP, FSM, FSM_EXPANDED, SEPARATION))
