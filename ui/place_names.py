"""Names of places in the reader's language: as registered in Chinese, by Hanyu Pinyin in English."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from pypinyin import lazy_pinyin

_KINDS: Final = (
    ("街道", "Subdistrict"), ("镇", "Town"), ("乡", "Township"), ("社区居委会", "Community"), ("居委会", "Community"),
    ("社区", "Community"), ("村委会", "Village"), ("村", "Village"), ("区", "District"), ("市", "City"),
)  # fmt: skip


@lru_cache(maxsize=8_000)
def place_name(name: str, lang: str, *, short: bool = False) -> str:
    """姜山镇 as 姜山镇 or Jiangshan Town; with ``short`` the kind is left out in English (for labels on a map)."""
    if lang == "zh":
        return name
    for ending, kind in _KINDS:
        core = name.removesuffix(ending)
        if core and core != name:
            return _spelled(core) if short else f"{_spelled(core)} {kind}"
    return _spelled(name)


def _spelled(core: str) -> str:
    return "".join(lazy_pinyin(core)).capitalize()
