"""Every sentence and label that people read, with its place, found without running the product.

`haven words` prints them, so that somebody who works in a school can review the words without reading code.
"""

from haven.site.words.collecting import collect
from haven.site.words.texts import Kind, Text, sentences_of, word_count

__all__ = ["Kind", "Text", "collect", "sentences_of", "word_count"]
