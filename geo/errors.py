"""What a person can mend about a layer of shapes: a plain sentence in both languages."""

from __future__ import annotations


class LayerError(ValueError):
    """A file or layer that cannot be used as it is.

    Parameters
    ----------
    zh, en
        One or two plain sentences each: what is wrong, where, and what to do.
    """

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh = zh
        self.en = en
