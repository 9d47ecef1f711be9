"""The fields and answers of the concern form that code uses. Haven does not start when the form lacks one.

`sql/link.sql` and the templates of concerns use the same keys.
"""

from haven.core.records.definition_keys import CONCERN
from haven.platform.definitions import DefinitionUse

CHILD_NAME = "child_name"
SEEN = "seen"
OWN_WORDS = "own_words"
MARKS_SEEN = "marks_seen"
MY_VIEW = "my_view"
TOLD = "told"
SAFE_NOW = "safe_now"
DONE_AT_ONCE = "done_at_once"
SAFE, NOT_SAFE, NOT_SURE = "yes", "no", "not_sure"
"""The answers to SAFE_NOW."""

USES = (
    DefinitionUse(
        "form",
        CONCERN,
        (
            CHILD_NAME, SEEN, OWN_WORDS, MARKS_SEEN, MY_VIEW, TOLD, SAFE_NOW, DONE_AT_ONCE,
            *(f"{SAFE_NOW}.{answer}" for answer in (SAFE, NOT_SAFE, NOT_SURE)),
        ),
    ),
)  # fmt: skip
