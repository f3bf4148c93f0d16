"""Errors a person can act on.

Two families are kept apart: a `UserError` carries a plain sentence in both languages (what, where, what to do) and is
shown without a traceback; anything else is a fault of ours and goes to the log with its traceback.
"""

from __future__ import annotations


class UserError(Exception):
    """Something the person at the keyboard can mend.

    Parameters
    ----------
    zh, en
        One or two plain sentences each: what is wrong, where, and what to do.
    """

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh = zh
        self.en = en

    def in_language(self, language: str) -> str:
        """The sentence in `language` ("zh" or "en")."""
        return self.en if language == "en" else self.zh


class CountError(UserError, ValueError):
    """A pair of counts cannot be a rate: negative, not whole, missing, or more successes than cases."""


class MethodError(UserError, ValueError):
    """A method was given something it cannot work with: a target outside its range, shapes that do not fit."""
