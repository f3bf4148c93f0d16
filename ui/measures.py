"""Rates for pages: counts read through the cache, rates computed by `indicators`, months chosen by one rule.

Issues of months that are not wholly due are provisional: rates, comparisons and ranks leave them out, counts of what
was reported do not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from data_access.permissions import Scope
from data_access.releases import DataVersion
from indicators.catalogue import Indicator, Pairing
from indicators.counts import PLACE_ATTRIBUTES
from indicators.gaps import gap_table
from indicators.values import rate_table
from ui import cached_reads
from ui.address import FEWEST_PICKED, FIXED_SETS, RELATED_SETS, Filters, add_months, months_between
from ui.session import Viewer
from ui.township_sets import in_township_set

YEAR: Final = 12
FIRST_MONTH: Final = 190001
LAST_MONTH: Final = 299912


@dataclass(frozen=True)
class View:
    """Everything that decides the figures of a page, as plain values: a cache key.

    ``first_month`` is the earliest month with data; ``provisional_from`` the first month with issues not yet due;
    ``until`` the last month that may be read (None: every month), whatever else is asked for; ``layer`` the number of
    the boundary layer that maps are drawn from (0: there is none). ``members`` are the townships of a set
    that depends on one township or on picking.
    """

    root: str
    villages_of: tuple[str, ...] | None
    first: int
    last: int
    township_set: str
    version: int
    first_month: int
    provisional_from: int | None
    lang: str
    until: int | None = None
    layer: int = 0
    members: tuple[str, ...] = ()

    @property
    def scope(self) -> Scope:
        """The part of the data that may be read."""
        return Scope(root=self.root, villages_of=self.villages_of, until=self.until)

    def months(self, of: Indicator | str) -> tuple[int, int]:
        """The chosen months that figures use.

        Rates of issues (``of`` an indicator, or "issues") leave out the provisional months, if any others remain. What
        was reported needs no deadline: issues per resident use all chosen months, as inspections and measurements do.
        """
        waits = of == "issues" if isinstance(of, str) else needs_deadline(of)
        if not waits or self.provisional_from is None or self.last < self.provisional_from:
            return self.first, self.last
        settled = add_months(self.provisional_from, -1)
        return (self.first, settled) if settled >= self.first else (self.first, self.last)

    def before(self, of: Indicator | str) -> tuple[int, int] | None:
        """The months to compare with: the same months a year earlier, else the equally long stretch right before.

        None where neither lies wholly in the data.
        """
        first, last = self.months(of)
        length = len(months_between(first, last))
        back = -YEAR * -(-length // YEAR)
        for shift in (back, -length):
            start = add_months(first, shift)
            if start >= self.first_month:
                return start, add_months(last, shift)
        return None

    def is_provisional(self, month: int) -> bool:
        """Whether issues reported in ``month`` were not all due at the as-of date."""
        return self.provisional_from is not None and month >= self.provisional_from


def needs_deadline(indicator: Indicator) -> bool:
    """Whether the indicator waits for deadlines: everything counted among issues but their number per resident."""
    return indicator.source == "issues" and indicator.denominator not in PLACE_ATTRIBUTES


def view_of(viewer: Viewer, filters: Filters, version: DataVersion) -> View:
    """The plain values behind one visit. A set of fewer than two townships compares nothing: all of them stand in."""
    scope = viewer.scope()
    alone = filters.township_set in RELATED_SETS and len(filters.members) < FEWEST_PICKED
    return View(
        root=scope.root,
        villages_of=scope.villages_of,
        first=filters.first,
        last=filters.last,
        township_set=FIXED_SETS[0] if alone else filters.township_set,
        version=version.number,
        first_month=version.first_month or filters.first,
        provisional_from=version.provisional_from,
        lang=filters.lang,
        until=scope.until,
        layer=present_layer_number(),
        members=() if alone else filters.members,
    )


def present_layer_number() -> int:
    """The boundary layer that maps are drawn from now; 0 where there is none."""
    layer = cached_reads.present_layer()
    return layer.id if layer is not None else 0


def townships(view: View) -> pd.DataFrame:
    """The townships of the chosen set, as the register lists them."""
    known = cached_reads.places(view.scope, level="township", version=view.version)
    return in_township_set(known, view.township_set, view.members)


def read_counts(
    view: View,
    indicator: Indicator,
    *,
    level: str,
    within: str | None = None,
    dimension: str = "all",
    by_month: bool = False,
    months: tuple[int, int] | None = None,
) -> pd.DataFrame:
    """Counts for one indicator, cut to the township set where places are townships; residents beside them if needed."""
    first, last = months or view.months(indicator)
    common = {"level": level, "within": within, "first": first, "last": last, "dimension": dimension,
              "by_month": by_month, "version": view.version}  # fmt: skip
    if indicator.source == "measurements":
        counts = cached_reads.measurements(view.scope, indicators=(indicator.code,), **common)
    elif level == "village" and within in (None, view.root):
        counts = cached_reads.counts(view.scope, source=indicator.source, **common)
    else:
        counts = _of_months(_history(view, indicator.source, level, within, dimension), first, last, by_month)
    if level == "township" and within in (None, view.root) and view.township_set != "all":
        counts = counts[counts["place"].isin(townships(view)["code"])]
    if indicator.denominator in PLACE_ATTRIBUTES:
        counts = counts.assign(**{indicator.denominator: _people(view, indicator, level, within, counts["place"])})
    return counts


def source_counts(view: View, indicators: Sequence[Indicator]) -> dict[str, pd.DataFrame]:
    """The counts of the chosen townships by source ("issues" …), for ``indicators.scorecard.count_matrix``.

    Issues over the months that are wholly due, as for rates; place attributes are not among them.
    """
    counts = {}
    for source in dict.fromkeys(one.source for one in indicators):
        own = [one for one in indicators if one.source == source]
        if source != "measurements":
            counts[source] = read_counts(view, own[0], level="township")
            continue
        first, last = view.months(own[0])
        codes = tuple(one.code for one in own)
        read = cached_reads.measurements(
            view.scope, indicators=codes, level="township", first=first, last=last, version=view.version
        )
        counts[source] = read[read["place"].isin(townships(view)["code"])]
    return counts


def _history(view: View, source: str, level: str, within: str | None, dimension: str) -> pd.DataFrame:
    """Every month there is, read once: a page asks for a dozen stretches of it. One frame for all: never change it."""
    return cached_reads.counts(
        view.scope, source=source, level=level, within=within, first=FIRST_MONTH, last=LAST_MONTH,
        dimension=dimension, by_month=True, version=view.version,
    )  # fmt: skip


def _of_months(history: pd.DataFrame, first: int, last: int, by_month: bool) -> pd.DataFrame:
    """The months from ``first`` to ``last`` of a history, summed per place and value unless they stay apart."""
    months = history["month"].to_numpy()
    chosen = history[(months >= first) & (months <= last)]
    if by_month:
        return chosen
    return chosen.drop(columns="month").groupby(["place", "value"], as_index=False, sort=False).sum()


def _people(view: View, indicator: Indicator, level: str, within: str | None, codes: pd.Series) -> pd.Series:
    """Residents (or households) of each place: its own figure, or the sum of its villages; NaN where unknown."""
    known = cached_reads.places(view.scope, level=level, within=within, version=view.version)
    own = known.set_index("code")[indicator.denominator]
    return codes.map(own)


def rates(
    view: View,
    indicator: Indicator,
    *,
    level: str = "township",
    within: str | None = None,
    by: Sequence[str] = ("place",),
    dimension: str = "all",
    months: tuple[int, int] | None = None,
    places: Sequence[str] | None = None,
) -> pd.DataFrame:
    """A ``rate_table`` of one indicator; ``by=()`` gives the total of the places, ``("month",)`` one row a month."""
    counts = read_counts(
        view, indicator, level=level, within=within, dimension=dimension, by_month="month" in by, months=months
    )
    return rate_table(counts, indicator, by=by, places=places)


def sides(
    view: View,
    pairing: Pairing,
    indicator: Indicator,
    *,
    level: str = "township",
    within: str | None = None,
    by: Sequence[str] = ("place",),
    months: tuple[int, int] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rates of the two groups of a pairing, group A first."""
    counts = read_counts(
        view, indicator, level=level, within=within, dimension=pairing.dimension, by_month="month" in by, months=months
    )
    first, second = (
        rate_table(counts[counts["value"].isin(group.values)], indicator, by=by) for group in (pairing.a, pairing.b)
    )
    return first, second


def gaps(
    view: View,
    pairing: Pairing,
    indicator: Indicator,
    *,
    level: str = "township",
    within: str | None = None,
    by: Sequence[str] = ("place",),
    months: tuple[int, int] | None = None,
) -> pd.DataFrame:
    """The ``gap_table`` of a pairing (group A minus group B), one row per combination of ``by``."""
    first, second = sides(view, pairing, indicator, level=level, within=within, by=by, months=months)
    return gap_table(first, second, by=by, indicator=indicator)


def register_day(view: View, as_of: dt.date | None) -> dt.date | None:
    """The day on which registers are looked at: the as-of day, or the last day of the months that may be read."""
    if as_of is None or view.until is None or not view.until:
        return as_of
    after = add_months(view.until, 1)
    return min(as_of, dt.date(after // 100, after % 100, 1) - dt.timedelta(days=1))


def rolling_year(view: View) -> View:
    """The same view over at least the twelve months that end with its last month, as far as there are data.

    Villages are shown this way: in single months they have too few cases to be judged.
    """
    return replace(view, first=max(view.first_month, min(view.first, add_months(view.last, 1 - YEAR))))


def whole_period(view: View) -> View:
    """The same view over all months there are: for lines over time."""
    return replace(view, first=view.first_month)
