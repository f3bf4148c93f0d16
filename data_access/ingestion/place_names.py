"""Which village a row means: by code, by exact name inside its township, by a remembered answer, or by likeness.

Names are brought to a core (width, province–city–district prefix, township prefix and kind suffix taken off). A core
that no village of the township bears exactly is compared by Jaro–Winkler similarity: it must reach 0.75 and lead the
runner-up by 0.08, else a person is asked. A code counts before a name; where its digits mean different villages in the
two code systems, or where it lies in another township than the row says, the name decides or a person is asked.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass

import pandas as pd
import sqlalchemy as sa
from rapidfuzz.distance import JaroWinkler
from sqlalchemy.engine import Connection

from data_access.tables import name_alias, place, place_code

LEAST_LIKENESS = 0.75
LEAST_LEAD = 0.08
MOST_CANDIDATES = 6
MOST_ASKS = 200
LONGEST_NAME = 120  # letters of a name that can be remembered
_PREFIXES = ("浙江省", "宁波市", "鄞州区")
_SUFFIXES = (
    "社区居民委员会", "社区居委会", "村民委员会", "居民委员会", "村委会", "居委会", "股份经济合作社", "社区", "村",
)  # fmt: skip
_TOWNSHIP_SUFFIXES = ("街道办事处", "镇人民政府", "乡人民政府", "街道办", "镇政府", "街道", "镇", "乡")


@dataclass(frozen=True)
class PlaceAsk:
    """A place that rows name and nobody can tell.

    Attributes
    ----------
    township, village
        The names as they stand in the file; `village` is "" when it is the township that is not known.
    rows
        How many rows say so.
    candidates
        (code, name) of the places it may be, the likeliest first; may be empty.
    """

    township: str
    village: str
    rows: int
    candidates: tuple[tuple[str, str], ...]


def plain_name(name: str) -> str:
    """A name without spaces and width variants, as it is compared and remembered."""
    return "".join(unicodedata.normalize("NFKC", name).split())


def name_core(name: str, township: str = "") -> tuple[str, str | None]:
    """The core of a village name and the kind its suffix names ("village", "community" or None)."""
    text = plain_name(name)
    for prefix in (*_PREFIXES, township):
        text = text.removeprefix(prefix)
    kind = None
    for suffix in _SUFFIXES:
        if text.endswith(suffix) and len(text) > len(suffix):
            kind = "village" if suffix.startswith("村") else "community"
            text = text.removesuffix(suffix)
            if kind == "village" and suffix != "村" and len(text) > 1:  # 韩岭村村委会 is 韩岭村
                text = text.removesuffix("村")
            break
    if kind == "community" and text.endswith(("村", "社区")) and len(text) > 2:
        text = text.removesuffix("社区")
    return text, kind


def township_core(name: str) -> str:
    """The core of a township's name: 宁波市鄞州区下应街道办事处 → 下应."""
    text = plain_name(name)
    for prefix in _PREFIXES:
        text = text.removeprefix(prefix)
    for suffix in _TOWNSHIP_SUFFIXES:
        if text.endswith(suffix) and len(text) >= len(suffix) + 2:
            return text.removesuffix(suffix)
    return text


class PlaceFinder:
    """Finds villages and townships; reads the whole register once, so make one per load."""

    def __init__(self, connection: Connection) -> None:
        columns = (place.c.code, place.c.level, place.c.parent, place.c.name, place.c.short_name, place.c.kind,
                   place.c.valid_to)  # fmt: skip
        rows = connection.execute(sa.select(*columns)).all()
        self.levels = {row.code: row.level for row in rows}
        self.names = {row.code: row.name for row in rows}
        self.closed = {row.code for row in rows if row.valid_to is not None}
        self._kinds = {row.code: "village" if row.kind == "village" else "community" for row in rows}
        self._parents = {row.code: row.parent for row in rows}
        self._townships: dict[str, set[str]] = defaultdict(set)
        self._township_cores: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            if row.level == "township":
                self._townships[plain_name(row.name)].add(row.code)
                self._townships[plain_name(row.short_name)].add(row.code)
                self._township_cores[township_core(row.name)].add(row.code)
        self._by_core: dict[str, dict[str, list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
        for row in rows:
            if row.level == "village" and row.parent in self.names:
                core, _ = name_core(row.name, self.names[row.parent])
                kind = "village" if row.kind == "village" else "community"
                self._by_core[row.parent][core].append((row.code, kind))
        self._aliases = {
            (row.township, plain_name(row.name)): row.place_code
            for row in connection.execute(sa.select(name_alias.c.township, name_alias.c.name, name_alias.c.place_code))
        }
        self._township_aliases = {
            name: code for (above, name), code in self._aliases.items() if self.levels.get(above) == "district"
        }
        self._mca = {
            row.code: row.place for row in connection.execute(sa.select(place_code).where(place_code.c.system == "MCA"))
        }
        self._answers: dict[tuple[str, str, str], tuple[str | None, str]] = {}
        self._asked: Counter[tuple[str, str, str]] = Counter()

    def villages(self, frame: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
        """For rows with `village_code`, `township`, `village` (text or None): village codes (None where not found)
        and the reason ("", "unknown_township", "unknown_village" or "ambiguous_village").

        Rows that were not found are counted for `asks`, so give every row of a file once.
        """
        codes, reasons = [], []
        answers = self._answers
        for given in zip(frame["village_code"], frame["township"], frame["village"], strict=True):
            found = answers.get(given)
            if found is None:
                code, township, village = (cell if isinstance(cell, str) else "" for cell in given)
                found = answers[given] = self.village(code, township, village)
            if found[1]:
                self._asked[given] += 1
            codes.append(found[0])
            reasons.append(found[1])
        return pd.Series(codes, frame.index, dtype=object), pd.Series(reasons, frame.index, dtype=object)

    def asks(self) -> tuple[PlaceAsk, ...]:
        """What a person may answer of the rows that were not found so far, the most frequent first."""
        rows: Counter[tuple[str, str]] = Counter()
        codes: dict[tuple[str, str], set[str]] = defaultdict(set)
        for given, number in self._asked.items():
            code, township, village = (cell if isinstance(cell, str) else "" for cell in given)
            asked = (township, "" if self._answers[given][1] == "unknown_township" else village)
            if 0 < max(map(len, asked)) <= LONGEST_NAME and (asked[1] or self._answers[given][1] == "unknown_township"):
                rows[asked] += number
                codes[asked].add(code)
        return tuple(
            PlaceAsk(*asked, number, self._candidates(*asked, codes[asked]))
            for asked, number in rows.most_common(MOST_ASKS)
        )

    def township(self, name: str) -> str | None:
        """The township that a name means: its own or short name, one that was answered, or its core if unmistakable."""
        plain = plain_name(name)
        for known in (self._townships.get(plain), self._township_cores.get(township_core(plain))):
            if known is not None and len(standing := self._standing(sorted(known))) == 1:
                return standing[0]
            if plain in self._township_aliases:
                return self._township_aliases[plain]
        return None

    def village(self, code: str, township: str, village: str) -> tuple[str | None, str]:
        """One village: its code and "", or None and the reason."""
        parent = self.township(township) if township else None
        meant = self._by_code(plain_name(code))
        if len(meant) == 1 and (parent is None or self._parents[meant[0]] == parent):
            return meant[0], ""
        if len(meant) > 1:
            inside = [one for one in meant if self._parents[one] == parent]
            named = [one for one in inside or meant if name_core(self.names[one])[0] == name_core(village)[0]]
            for few in (inside, named):
                if len(few) == 1:
                    return few[0], ""
        if parent is None:
            return None, "ambiguous_village" if meant else "unknown_township"
        if meant:  # the code lies in another township than the row says: only a person can tell which is right
            alias = self._aliases.get((parent, plain_name(village)))
            return (alias, "") if alias else (None, "ambiguous_village")
        return self._by_name(parent, village)

    def _by_code(self, code: str) -> list[str]:
        """The villages that a code means in either code system."""
        found = (code, self._mca.get(code))
        return list(dict.fromkeys(one for one in found if one and self.levels.get(one) == "village"))

    def _standing(self, codes: list[str]) -> list[str]:
        """Those that still exist; all of them where none does. A name passes on to the place that took it over."""
        return [code for code in codes if code not in self.closed] or codes

    def _by_name(self, parent: str, village: str) -> tuple[str | None, str]:
        core, kind = name_core(village, self.names[parent])
        same = self._by_core[parent].get(core, [])
        of_kind = self._standing([one for one, its_kind in same if kind is None or its_kind == kind])
        if len(of_kind) == 1:
            return of_kind[0], ""
        alias = self._aliases.get((parent, plain_name(village)))
        if alias:  # after the names borne today: the former name of one village may be the present name of another
            return alias, ""
        bearing = self._standing([one for one, _ in same])
        if len(bearing) == 1:
            return bearing[0], ""
        if same:
            return None, "ambiguous_village"
        scored = self._scored(parent, core, kind)
        if not scored or scored[0][0] < LEAST_LIKENESS:
            return None, "unknown_village"
        if len(scored) > 1 and scored[0][0] - scored[1][0] < LEAST_LEAD:
            return None, "ambiguous_village"
        return scored[0][1], ""

    def _scored(self, parent: str, core: str, kind: str | None) -> list[tuple[float, str]]:
        """(likeness, code) of the township's villages of this kind, the most alike first."""
        return sorted(
            (
                (JaroWinkler.similarity(core, other), code)
                for other, ones in self._by_core[parent].items()
                for code, its_kind in ones
                if kind is None or its_kind == kind
            ),
            reverse=True,
        )

    def _candidates(self, township: str, village: str, codes: set[str]) -> tuple[tuple[str, str], ...]:
        """What the place may be: villages its code means, namesakes in other townships, the most alike of its own."""
        if not village:
            core = township_core(township)
            alike = [
                (JaroWinkler.similarity(core, township_core(self.names[code])), code)
                for code, level in self.levels.items()
                if level == "township"
            ]
            return tuple((code, self.names[code]) for score, code in sorted(alike, reverse=True)[:MOST_CANDIDATES])
        parent = self.township(township)
        core, _ = name_core(village, self.names[parent] if parent else "")
        own = [code for score, code in self._scored(parent, core, None) if score >= 0.5] if parent else []
        meant = [one for code in sorted(codes) for one in self._by_code(plain_name(code))]
        elsewhere = [
            code for other in self._by_core if other != parent for code, _ in self._by_core[other].get(core, [])
        ]
        found = dict.fromkeys([*meant, *own[:MOST_CANDIDATES], *elsewhere, *own[MOST_CANDIDATES:]])
        return tuple((code, self._full_name(code, parent)) for code in list(found)[:MOST_CANDIDATES])

    def parent(self, code: str) -> str | None:
        """The place right above a place; None for the top."""
        return self._parents.get(code)

    def kind_of(self, code: str) -> str | None:
        """ "village" or "community" (anything else than a village); None for a code that is not known."""
        return self._kinds.get(code)

    def mca_place(self, code: str) -> str | None:
        """The place that bears this code in the civil-affairs system."""
        return self._mca.get(code)

    def alike(self, village: str, township: str) -> list[str]:
        """Villages of a township with similar names, the most alike first; none where the township is not known."""
        parent = self.township(township) if township else None
        if parent is None:
            return []
        core, kind = name_core(village, self.names[parent])
        return [code for score, code in self._scored(parent, core, kind) if score >= 0.5]

    def _full_name(self, code: str, parent: str | None) -> str:
        above = self._parents[code]
        return self.names[code] if above == parent or above is None else f"{self.names[above]} {self.names[code]}"

    def by_code_and_name(self, code: str, name: str) -> str | None:
        """The place that a code of either system means; the name decides where the two systems collide.

        NBS and MCA give the same digits to different places, so a code that comes with a name is taken in the system
        under which code and name agree; None when they agree in neither. A village's code needs no name where only
        one system has it.
        """
        plain, code = plain_name(name), plain_name(code)
        villages = self._by_code(code)
        if len(villages) == 1:
            return villages[0]
        nbs = code if code in self.levels else None
        if not plain:
            return nbs if not villages else None
        for candidate in (nbs, self._mca.get(code)):
            if candidate and self._called(candidate, plain):
                return candidate
        return None

    def _called(self, code: str, plain: str) -> bool:
        name = self.names[code]
        if self.levels[code] == "village":
            above = self.names.get(self._parents[code] or "", "")
            return name_core(plain, above)[0] == name_core(name, above)[0]
        return plain in (plain_name(name), plain_name(name).removesuffix("街道"))
