"""A sentence for people, in Chinese and in English at once.

Knows no screen: whoever prints chooses the language, as late as possible.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in both languages; both are always there."""

    zh: str
    en: str

    def say(self, language: str) -> str:
        """The sentence in `language` ("zh" or "en"; anything else reads English)."""
        return self.zh if language == "zh" else self.en

    def __str__(self) -> str:
        return self.en


def same(text: str) -> Text:
    """A word that reads alike in both languages: a name, a number, a CRM's own message."""
    return Text(text, text)
