"""What a command says: one line in the language that was asked for."""

from __future__ import annotations

import argparse


def say(given: argparse.Namespace, zh: str, en: str) -> None:
    """Print one line."""
    print(zh if given.lang == "zh" else en)
