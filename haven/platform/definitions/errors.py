"""What a definition file with a mistake raises."""

from django.core.exceptions import ImproperlyConfigured
from pydantic_core import PydanticCustomError

MISTAKE = "definition_mistake"
KeyPath = tuple[str | int, ...]
"""Where something is in a file: keys and places in lists, such as `("fields", 1, "label")`. Places count from 0."""


class DefinitionError(ImproperlyConfigured):
    """A definition file has a mistake. The message is one sentence that names the file, the line and the key."""


def mistake(sentence: str, *at: str | int) -> PydanticCustomError:
    """The exception that a validator of a definition raises; the loader adds the file and the line.

    `at` is the key of the mistake, seen from the model that raises. `sentence` follows the key and ends with a full stop:
    `must be one of the date fields of this form.`
    """
    return PydanticCustomError(MISTAKE, "{sentence}", {"sentence": sentence, "at": at})
