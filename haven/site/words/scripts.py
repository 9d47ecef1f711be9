"""Texts of scripts: the quoted strings that begin with a capital letter and hold a space."""

import re
from collections.abc import Iterator

from haven.site.words.texts import Text, tidy

QUOTED = re.compile(r"\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`")
PROSE = re.compile(r"(?!Config|Support for|GOV|HTML)[A-Z“][^<>;=`$]* [^<>;=`$]*[\w.?!…”}]$", re.S)
FILLED_IN = re.compile(r"\$\{([^{}]*)\}")


def texts(path: str, source: str) -> Iterator[Text]:
    """The texts of one script; `path` is below `haven`."""
    for match in QUOTED.finditer(source):
        words = FILLED_IN.sub("{value}", next(group for group in match.groups() if group is not None))
        if PROSE.match(words):
            yield Text(path, source.count("\n", 0, match.start()) + 1, "sentence", tidy(words))
