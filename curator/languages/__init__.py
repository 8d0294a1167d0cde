"""The languages that readers' pages and mail speak: the words of each, its dates and its numbers.

`speech(tag)` has the words of a language; `msgid("...")` marks words that are said later, where nobody knows the
language yet.
"""

from curator.languages.speaking import ENGLISH, Speech, known, msgid, speech
from curator.languages.tags import base, direction

__all__ = ["ENGLISH", "Speech", "base", "direction", "known", "msgid", "speech"]
