"""The sentences of the page of clusters: its title, the result for the whole map, and how it was computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from geo.neighbours import NEAREST
from indicators.local_moran import LEAST_AREAS, LEAST_CASES
from indicators.moran import LEAST_AREAS_GLOBAL, PERMUTATIONS, SEED, Refusal
from indicators.spatial_clusters import ALPHA, COMMON, Cluster, ClusterMap, arrangements_as_large, is_clustered
from ui.payloads.cluster_figures import Tested, failing_name
from ui.texts import number, text, value_text

NAMED: Final = 6
"""Places named in one sentence; the others are counted."""
CLUSTERS_NAMED: Final = 2
"""Clusters of one kind named in the title."""
GAPS: Final = 0.1
"""Share of places that touch no other from which the layer itself is doubted."""


class Words:
    """The sentences of one tested map in one language. ``names`` are those of its places, by code."""

    def __init__(self, tested: Tested, found: ClusterMap, names: Mapping[str, str], lang: str) -> None:
        self.tested, self.found, self.names, self.lang = tested, found, names, lang
        self.where = text(f"clusters.where.{tested.level}", lang)
        self.failing = failing_name(tested.indicator.code, lang)

    def say(self, key: str, **facts: object) -> str:
        """One text of the page; the level and what fails are known."""
        said = text(f"clusters.{key}", self.lang, **{"where": self.where, "failing": self.failing, **facts})
        return said[:1].upper() + said[1:] if key.startswith(("note.", "columns.")) else said

    # The title

    def title(self) -> str:
        """The finding in one sentence."""
        whole, local = self.found.whole, self.found.local
        if whole.reason is not None:
            return self.say("title.alike" if whole.reason is Refusal.ALL_ALIKE else "title.too_few")
        if local.reason is not None or not local.tested:
            return self.say("title.whole_yes" if is_clustered(whole) else "title.whole_no")
        if self.found.clusters:
            return self.say("title.some", count=len(self.found.clusters), parts=self._parts())
        if is_clustered(whole):
            return self.say("title.weak")
        named = int((self.found.table["label"] != "none").sum())
        return self.say("title.opposite", count=named) if named else self.say("title.none")

    def _parts(self) -> str:
        neutral = self.tested.indicator.better == "neutral"
        kinds = {"high_high": "higher" if neutral else "worse", "low_low": "lower" if neutral else "better"}
        parts = []
        for label, kind in kinds.items():
            own = [one for one in self.found.clusters if one.label == label]
            if own:
                more = self.say("parts.more") if len(own) > CLUSTERS_NAMED else ""
                places = self.say("parts.listed").join(self.area(one) for one in own[:CLUSTERS_NAMED]) + more
                parts.append(self.say(f"parts.{kind}", count=len(own), places=places))
        return self.say("parts.joiner").join(parts)

    def area(self, cluster: Cluster) -> str:
        """A cluster by its most certain place: 翻石渡村等5个."""
        rows = self.found.table.set_index("place").loc[list(cluster.places)]
        first = self.names[str(rows.sort_values(["adjusted", "statistic"], ascending=[True, False]).index[0])]
        return self.say("parts.area", place=first, count=len(rows)) if len(rows) > 1 else first

    # The whole map

    def whole(self) -> tuple[str, str]:
        """Whether neighbours are alike, in plain words, and the figures behind it; no figures where not tested."""
        whole = self.found.whole
        if whole.reason is Refusal.ALL_ALIKE:
            return self.say("whole.all_alike"), ""
        if whole.reason is not None:
            return self.say("whole.too_few_areas", areas=whole.areas, least=LEAST_AREAS_GLOBAL), ""
        larger = arrangements_as_large(whole)
        key = ("yes" if larger else "never") if is_clustered(whole) else "no"
        sentence = self.say(f"whole.{key}", areas=number(whole.areas), permutations=number(PERMUTATIONS),
                            larger=number(larger))  # fmt: skip
        return sentence, self.say(
            "whole.figures", i=decimals(whole.statistic), expected=decimals(whole.expected), p=p_words(whole.p)
        )

    # How it was computed

    def how(self) -> list[str]:
        """Method, draws, neighbours, and every place that is not judged with the reason."""
        return [line for line in (*self._method(), *self._neighbours(), *self._left_out(), self._common(),
                                  self.say("how.cause")) if line]  # fmt: skip

    def _method(self) -> list[str]:
        found, neutral = self.found, self.tested.indicator.better == "neutral"
        lines = [self.say("how.counts" if neutral else "how.failures")]
        if found.whole.reason is None:
            lines.append(self.say("how.whole", permutations=number(PERMUTATIONS), seed=SEED))
        if found.local.reason is Refusal.TOO_FEW_AREAS:
            lines.append(self.say("how.local_few", least=LEAST_AREAS))
        elif found.local.reason is None and found.local.tested:
            facts = {"tested": number(found.local.tested), "permutations": number(found.permutations), "seed": SEED}
            lines += [self.say("how.tested", **facts, alpha=f"{ALPHA:.0%}"), self.say("how.level")]
        elif found.local.reason is None:
            lines.append(self.say("how.none_tested", least=LEAST_CASES))
        return lines

    def _neighbours(self) -> list[str]:
        found, lines = self.found, []
        known = found.table[found.table["neighbours"] > 0]
        if len(known):
            mean = number(float(known["neighbours"].mean()), decimals=1)
            lines.append(
                self.say("how.neighbours", areas=number(len(known)), links=number(found.links), mean=mean)
            )  # fmt: skip
        if len(found.filled) > max(2, GAPS * len(found.table)):
            lines.append(self.say("how.gaps", count=number(len(found.filled))))
        elif found.filled:
            lines.append(self.say("how.filled", places=self.listed(found.filled), nearest=NEAREST))
        return lines

    def _left_out(self) -> list[str]:
        lines, reasons = [], self.found.table["reason"]
        for reason, key in (("too_few_cases", "few"), ("no_data", "no_data")):
            if count := int(reasons.eq(reason).sum()):
                lines.append(self.say(f"how.{key}", count=number(count), least=LEAST_CASES))
        for reason in ("no_neighbours", "not_drawn"):
            places = self.found.table.loc[reasons.eq(reason), "place"]
            if len(places):
                lines.append(self.say(f"how.{reason}", places=self.listed([str(one) for one in places])))
        return lines

    def _common(self) -> str:
        indicator, rate = self.tested.indicator, self.tested.rate
        if not indicator.counts_share or not rate > COMMON:
            return ""
        return self.say("how.common", rate=f"{number(rate * 100, decimals=1)}%")

    def listed(self, codes: Sequence[str]) -> str:
        """Places by name; the first few, then how many there are in all."""
        shown = self.say("parts.listed").join(self.names.get(code, code) for code in codes[:NAMED])
        return shown if len(codes) <= NAMED else self.say("parts.listed_more", places=shown, count=len(codes))

    # One place

    def kind(self, label: str) -> str:
        """What a place is among its neighbours."""
        neutral = self.tested.indicator.better == "neutral"
        return text(f"clusters.{'kinds_neutral' if neutral else 'kinds'}.{label}", self.lang)

    def verdict(self, row: Mapping[str, Any]) -> str:
        """The result of one place with its adjusted p, or why there is none."""
        if isinstance(row["reason"], str):
            return self.say(f"reasons.{row['reason']}", least=LEAST_CASES)
        if np.isnan(row["adjusted"]):
            return self.say("hover.untested")
        return self.say("hover.adjusted", kind=self.kind(str(row["label"])), p=p_words(row["adjusted"]))

    def near_value(self, row: Mapping[str, Any]) -> str:
        """The rate of the neighbours together, as printed; empty without any."""
        if np.isnan(row["near_value"]):
            return ""
        indicator = self.tested.indicator
        return value_text(kind=indicator.kind, x=row["near_x"], n=row["near_n"], value=row["near_value"], unit="")

    def near(self, row: Mapping[str, Any]) -> str:
        """The neighbours of one place in a line."""
        if not self.near_value(row):
            return self.say("hover.near_none")
        counts = f"{number(row['near_x'])}/{number(row['near_n'])}"
        return self.say("hover.near", count=int(row["neighbours"]), value=self.near_value(row), counts=counts)


def decimals(value: float) -> str:
    """A Moran statistic as printed, with a true minus sign."""
    return number(value, decimals=3)


def p_words(p: float) -> str:
    """A probability with three decimals; below a thousandth with four, so that 0.0002 is not 0."""
    if p < 0.0001:
        return "<0.0001"
    return f"{p:.4f}" if p < 0.001 else f"{p:.3f}"
