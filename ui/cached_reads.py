"""Reads that pages share, kept in memory.

Everything that decides a result is an argument, and every argument is a plain value: the parts of the viewer's scope,
codes, months and the number of the data version. No viewer, no engine and no session state enters a cached function,
because what is cached is handed to everybody who asks with the same arguments. A new data version makes new keys; old
ones fall out through ``max_entries``. Frames are kept as they are, one for everybody: read them, never change them in
place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

import data_access.boundaries
import data_access.counts
import data_access.engine
import data_access.places
import data_access.registers
import data_access.release_figures
import data_access.released_months
import data_access.releases
import data_access.schema
from data_access.boundaries import BoundaryLayer
from data_access.permissions import Scope
from data_access.released_months import Releases
from data_access.releases import DataVersion
from data_access.settings import read_settings
from indicators.catalogue import Catalogue, load_catalogue
from ui.last_good import kept

if TYPE_CHECKING:
    import geopandas as gpd


@st.cache_resource(show_spinner=False, max_entries=1)
def engine() -> data_access.engine.Engine:
    """The process's one engine, for the database that the settings name."""
    return data_access.engine.create_engine()


@st.cache_resource(show_spinner=False, max_entries=1)
def catalogue() -> Catalogue:
    """The indicator definitions, read once a process."""
    return load_catalogue()


def data_version() -> DataVersion | None:
    """The newest data version, at most two seconds old; None when the database is empty or not yet made."""
    try:
        return kept("version", _newest_version)
    except _NoSchema:
        return None


def _newest_version() -> DataVersion | None:
    _require_schema()
    return _data_version()


def is_ready() -> bool:
    """Whether the database has the newest schema, be it empty or not."""
    try:
        return _require_schema()
    except _NoSchema:
        return False


class _NoSchema(LookupError):
    """The database lacks the newest migration."""


@st.cache_resource(show_spinner=False, max_entries=1)
def _require_schema() -> bool:
    # Only success is kept: the check costs some milliseconds, and a database that is missing now may be made soon.
    if not data_access.schema.is_current(engine()):
        raise _NoSchema
    return True


@st.cache_data(show_spinner=False, ttl=2, max_entries=1)
def _data_version() -> DataVersion | None:
    return data_access.releases.current_data_version(engine())


def releases() -> Releases:
    """What is released, at most two seconds old. Whether an embargo has passed is asked of it anew each time."""
    return kept("releases", _releases)


@st.cache_data(show_spinner=False, ttl=2, max_entries=1)
def _releases() -> Releases:
    return data_access.released_months.read_releases(engine())


def forget_releases() -> None:
    """After a release or its taking back: the next read sees it at once, in this process."""
    _releases.clear()


def months_with_data(*, version: int) -> tuple[int, ...]:
    """The months of which there are any counts, in order, whoever may see them. For data stewards."""
    return _months_with_data(version)


@st.cache_resource(show_spinner=False, max_entries=4)
def _months_with_data(version: int) -> tuple[int, ...]:
    return data_access.released_months.months_with_data(engine())


def revisions(scope: Scope, *, version: int) -> pd.DataFrame:
    """Revised figures of released months as :func:`data_access.release_figures.revisions` gives them."""
    newest = releases().months[-1:]
    stamp = f"{newest[0].month} {newest[0].released_at.isoformat()}" if newest else ""
    return _revisions(scope.root, scope.until, stamp, version)


def places(scope: Scope, *, level: str, within: str | None = None, version: int) -> pd.DataFrame:
    """The register of places as :func:`data_access.places.read_places` gives it. Raises NotPermitted."""
    return _places(scope.root, scope.villages_of, level, within or scope.root, version)


def township_codes(*, version: int) -> tuple[str, ...]:
    """Codes of the townships on the register; the same for everybody."""
    frame = places(Scope(root=read_settings().root_place), level="township", version=version)
    return tuple(frame["code"])


def counts(
    scope: Scope,
    *,
    source: str,
    level: str,
    within: str | None = None,
    first: int,
    last: int,
    dimension: str = "all",
    by_month: bool = False,
    version: int,
) -> pd.DataFrame:
    """Counts as :func:`data_access.counts.read_counts` gives them. Raises NotPermitted."""
    limits = (scope.root, scope.villages_of, scope.until)
    return _counts(*limits, source, level, within or scope.root, first, last, dimension, by_month, version)


def measurements(
    scope: Scope,
    *,
    indicators: Sequence[str],
    level: str,
    within: str | None = None,
    first: int,
    last: int,
    dimension: str = "all",
    by_month: bool = False,
    version: int,
) -> pd.DataFrame:
    """Measured pairs as :func:`data_access.counts.read_measurements` gives them. Raises NotPermitted."""
    limits = (scope.root, scope.villages_of, scope.until)
    wanted = tuple(indicators)
    return _measurements(*limits, wanted, level, within or scope.root, first, last, dimension, by_month, version)


def sites(scope: Scope, *, village: str, month: int, version: int) -> pd.DataFrame:
    """The register of one village as :func:`data_access.registers.read_sites` gives it. Raises NotPermitted."""
    return _sites(scope.root, scope.villages_of, scope.until, village, month, version)


def boundary_layers() -> tuple[BoundaryLayer, ...]:
    """All boundary layers on record, at most two seconds old, the newest first; public."""
    return kept("layers", _boundary_layers)


@st.cache_data(show_spinner=False, ttl=2, max_entries=1)
def _boundary_layers() -> tuple[BoundaryLayer, ...]:
    return tuple(data_access.boundaries.read_layers(engine()))


def forget_boundary_layers() -> None:
    """After a layer was brought, accepted, set aside or dropped: the next read sees it at once, in this process."""
    _boundary_layers.clear()


def present_layer() -> BoundaryLayer | None:
    """The boundary layer that counts today; None where there is none."""
    return data_access.boundaries.present_of(boundary_layers())


def boundary_layer_record(number: int) -> BoundaryLayer | None:
    """One layer on record; None where it is gone."""
    return next((layer for layer in boundary_layers() if layer.id == number), None)


def boundary_layer(*, layer: int, level: str, version: int) -> gpd.GeoDataFrame:
    """Public shapes of one layer and level. One frame for everybody: read it, never change it."""
    return _boundary_layer(layer, level, version)


@st.cache_resource(show_spinner=False, max_entries=200)
def _places(root: str, villages_of: tuple[str, ...] | None, level: str, within: str, version: int) -> pd.DataFrame:
    scope = Scope(root=root, villages_of=villages_of)
    return data_access.places.read_places(engine(), scope=scope, level=level, within=within)


@st.cache_resource(show_spinner=False, max_entries=600)
def _counts(
    root: str,
    villages_of: tuple[str, ...] | None,
    until: int | None,
    source: str,
    level: str,
    within: str,
    first: int,
    last: int,
    dimension: str,
    by_month: bool,
    version: int,
) -> pd.DataFrame:
    return data_access.counts.read_counts(
        engine(),
        scope=Scope(root=root, villages_of=villages_of, until=until),
        source=source,
        level=level,
        within=within,
        first=first,
        last=last,
        dimension=dimension,
        by_month=by_month,
    )


@st.cache_resource(show_spinner=False, max_entries=300)
def _measurements(
    root: str,
    villages_of: tuple[str, ...] | None,
    until: int | None,
    indicators: tuple[str, ...],
    level: str,
    within: str,
    first: int,
    last: int,
    dimension: str,
    by_month: bool,
    version: int,
) -> pd.DataFrame:
    return data_access.counts.read_measurements(
        engine(),
        scope=Scope(root=root, villages_of=villages_of, until=until),
        indicators=indicators,
        level=level,
        within=within,
        first=first,
        last=last,
        dimension=dimension,
        by_month=by_month,
    )


@st.cache_resource(show_spinner=False, max_entries=100)
def _sites(
    root: str, villages_of: tuple[str, ...] | None, until: int | None, village: str, month: int, version: int
) -> pd.DataFrame:
    scope = Scope(root=root, villages_of=villages_of, until=until)
    return data_access.registers.read_sites(engine(), scope=scope, village=village, month=month)


@st.cache_resource(show_spinner=False, max_entries=20)
def _revisions(root: str, until: int | None, stamp: str, version: int) -> pd.DataFrame:
    return data_access.release_figures.revisions(engine(), scope=Scope(root=root, until=until))


@st.cache_resource(show_spinner=False, max_entries=12)
def _boundary_layer(layer: int, level: str, version: int) -> gpd.GeoDataFrame:
    return data_access.boundaries.read_boundary_layer(engine(), layer=layer, level=level)


def forget_data_version() -> None:
    """After a deed of this process made a new data version: the next read sees it at once."""
    _data_version.clear()
