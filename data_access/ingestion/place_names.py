"""Which village a row means: by code, by exact name inside its township, by a remembered alias, or by likeness.

Names are brought to a core (width, province–city–district prefix, township prefix and kind suffix taken off). A core
that no village of the township bears exactly is compared by Jaro–Winkler similarity: it must reach 0.75 and lead the
runner-up by 0.08, else the row is left for a person to decide.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict

import pandas as pd
import sqlalchemy as sa
from rapidfuzz.distance import JaroWinkler
from sqlalchemy.engine import Connection

from data_access.tables import name_alias, place, place_code

LEAST_LIKENESS = 0.75
LEAST_LEAD = 0.08
_PREFIXES = ("浙江省", "宁波市", "鄞州区")
_SUFFIXES = (
    "社区居民委员会", "社区居委会", "村民委员会", "居民委员会", "村委会", "居委会", "股份经济合作社", "社区", "村",
)  # fmt: skip


def name_core(name: str, township: str = "") -> tuple[str, str | None]:
    """The core of a village name and the kind its suffix names ("village", "community" or None)."""
    text = "".join(unicodedata.normalize("NFKC", name).split())
    for prefix in (*_PREFIXES, township):
        text = text.removeprefix(prefix)
    kind = None
    for suffix in _SUFFIXES:
        if text.endswith(suffix) and len(text) > len(suffix):
            kind = "village" if suffix.startswith("村") else "community"
            text = text.removesuffix(suffix)
            break
    if kind == "community" and text.endswith(("村", "社区")) and len(text) > 2:
        text = text.removesuffix("社区")
    return text, kind


class PlaceFinder:
    """Finds villages and townships; reads the whole register once, so make one per load."""

    def __init__(self, connection: Connection) -> None:
        columns = (place.c.code, place.c.level, place.c.parent, place.c.name, place.c.short_name, place.c.kind)
        rows = connection.execute(sa.select(*columns)).all()
        self.levels = {row.code: row.level for row in rows}
        self.names = {row.code: row.name for row in rows}
        self._townships: dict[str, str] = {}
        for row in rows:
            if row.level == "township":
                self._townships |= {row.name: row.code, row.short_name: row.code}
        self._by_core: dict[str, dict[str, list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
        for row in rows:
            if row.level == "village" and row.parent in self.names:
                core, _ = name_core(row.name, self.names[row.parent])
                kind = "village" if row.kind == "village" else "community"
                self._by_core[row.parent][core].append((row.code, kind))
        self._aliases = {
            (row.township, "".join(row.name.split())): row.place_code
            for row in connection.execute(sa.select(name_alias))
        }
        self._mca = {
            row.code: row.place for row in connection.execute(sa.select(place_code).where(place_code.c.system == "MCA"))
        }
        self._answers: dict[tuple[str, str, str], tuple[str | None, str]] = {}

    def villages(self, frame: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
        """For rows with `village_code`, `township`, `village` (text or None): village codes (None where not found)
        and the reason ("", "unknown_township", "unknown_village" or "ambiguous_village")."""
        codes, reasons = [], []
        for code, township, village in zip(frame["village_code"], frame["township"], frame["village"], strict=True):
            key = (code or "", township or "", village or "")
            if key not in self._answers:
                self._answers[key] = self.village(*key)
            answer, reason = self._answers[key]
            codes.append(answer)
            reasons.append(reason)
        return pd.Series(codes, frame.index, dtype=object), pd.Series(reasons, frame.index, dtype=object)

    def village(self, code: str, township: str, village: str) -> tuple[str | None, str]:
        """One village: its code and "", or None and the reason."""
        if self.levels.get(code) == "village":
            return code, ""
        parent = self._townships.get("".join(unicodedata.normalize("NFKC", township).split()))
        if parent is None:
            return None, "unknown_township"
        township_name = self.names[parent]
        core, kind = name_core(village, township_name)
        same = self._by_core[parent].get(core, [])
        of_kind = [one for one, its_kind in same if kind is None or its_kind == kind]
        if len(of_kind) == 1:
            return of_kind[0], ""
        alias = self._aliases.get((parent, "".join(village.split())))
        if alias:  # after the names borne today: the former name of one village may be the present name of another
            return alias, ""
        if len(same) == 1:
            return same[0][0], ""
        if same:
            return None, "ambiguous_village"
        scored = sorted(
            (
                (JaroWinkler.similarity(core, other), code)
                for other, ones in self._by_core[parent].items()
                for code, its_kind in ones
                if kind is None or its_kind == kind
            ),
            reverse=True,
        )
        if not scored or scored[0][0] < LEAST_LIKENESS:
            return None, "unknown_village"
        if len(scored) > 1 and scored[0][0] - scored[1][0] < LEAST_LEAD:
            return None, "ambiguous_village"
        return scored[0][1], ""

    def by_code_and_name(self, code: str, name: str) -> str | None:
        """The place that a code of either system means; the name decides where the two systems collide.

        NBS and MCA give the same nine digits to different townships, so a township code that comes with a name is
        taken in the system under which code and name agree; None when they agree in neither.
        """
        plain = "".join(name.split())
        nbs = code if code in self.levels else None
        if not plain or (nbs and len(code) == 12):
            return nbs
        for candidate in (nbs, self._mca.get(code)):
            if candidate and plain in (self.names[candidate], self.names[candidate].removesuffix("街道")):
                return candidate
        return None
