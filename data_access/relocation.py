"""Sites and issues located anew when another boundary layer counts.

What was located by its position moves to the village in which it lies now, with its results and its counts. What names
its village itself stays there and is only compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from data_access.audit_log import record
from data_access.boundaries import BoundaryLayer, present_layer, read_boundary_layer
from data_access.engine import writing
from data_access.errors import UserError
from data_access.ingestion.register_history import move_versions
from data_access.ingestion.register_rows import move_results, open_months
from data_access.ingestion.touched_cells import count_touched
from data_access.ingestion.written_rows import Written
from data_access.lineage import final_successors
from data_access.releases import DataVersion
from data_access.tables import issue, site
from geo.points import NEAREST, PlaceIndex

_BY_POSITION = ("inside", "nearest")


@dataclass(frozen=True, eq=False)
class Relocation:
    """What came of locating everything anew.

    Attributes
    ----------
    layer
        The surveyed layer that was used.
    sites_moved, issues_moved
        Located by their position, and now in another village.
    sites_outside, issues_outside
        Located by their position before, and now neither in a village nor within 200 m of one: they stay where they
        were counted.
    sites_elsewhere, issues_elsewhere
        They name their village, and their position lies more than 200 m outside it; nothing was changed.
    elsewhere
        Those sites: code, name, place (the village they name), found (the village they lie in, None for none) and
        metres; the farthest first.
    version
        The new data version; None when nothing moved.
    """

    layer: BoundaryLayer
    sites_moved: int
    issues_moved: int
    sites_outside: int
    issues_outside: int
    sites_elsewhere: int
    issues_elsewhere: int
    elsewhere: pd.DataFrame
    version: DataVersion | None


def relocate(engine: Engine, *, by: str, at: str = "") -> Relocation:
    """Locate every site and issue with a position on the present layer, and count anew what moved.

    One transaction; doing it twice changes nothing the second time. Older versions of issues are located as well, so
    that they are in the right place should a withdrawal bring them back.

    Raises
    ------
    UserError
        When no layer counts today or the one that does is schematic; nothing changes then.
    """
    layer = present_layer(engine)
    if layer is None or not layer.surveyed or not layer.villages:
        raise UserError(
            zh="现在没有启用带村社的测绘边界，不能按坐标重新定位；请先导入并启用测绘边界。",
            en="No surveyed boundaries with villages are in use, so positions cannot be located anew; import and "
            "accept surveyed boundaries first.",
        )
    index = PlaceIndex(read_boundary_layer(engine, layer=layer.id, level="village"))
    with writing(engine) as connection:
        heirs = final_successors(connection)
        sites = _located(index, _read(connection, site, [site.c.code, site.c.name]), heirs)
        issues = _located(index, _read(connection, issue, [issue.c.id, issue.c.month, issue.c.superseded_by]), heirs)
        written = Written()
        _move_sites(connection, sites, written)
        _move_issues(connection, issues, written)
        current = issues.loc[issues["superseded_by"].isna()]
        version = None
        if written.cells:
            version = count_touched(connection, written, batch_id=None, demonstration=False)
        far = sites.loc[sites["elsewhere"]].sort_values(["metres", "code"], ascending=[False, True], ignore_index=True)
        result = Relocation(
            layer=layer,
            sites_moved=int(sites["moved"].sum()),
            issues_moved=int(current["moved"].sum()),
            sites_outside=int(sites["outside"].sum()),
            issues_outside=int(current["outside"].sum()),
            sites_elsewhere=len(far),
            issues_elsewhere=int(current["elsewhere"].sum()),
            elsewhere=far[["code", "name", "place", "found", "metres"]],
            version=version,
        )
        moved = f"{result.sites_moved} sites, {result.issues_moved} issues"
        record(connection, who=by, action="relocate", subject=f"{layer.id} {layer.origin.name}: {moved}", origin=at)
    return result


def _read(connection: Connection, table: sa.Table, columns: list[sa.Column]) -> pd.DataFrame:
    wanted = [*columns, table.c.place_code, table.c.lon, table.c.lat, table.c.located_by]
    rows = connection.execute(sa.select(*wanted).where(table.c.lon.is_not(None)).order_by(columns[0])).all()
    names = [*(column.name for column in columns), "place", "lon", "lat", "located_by"]
    return pd.DataFrame([tuple(row) for row in rows], columns=names)


def _located(index: PlaceIndex, rows: pd.DataFrame, heirs: dict[str, str]) -> pd.DataFrame:
    """The rows with `found` and `how` (see :class:`geo.points.LocatedPoints`), `metres` from the village that a row
    names, and whether it `moved`, lies `outside` every village or `elsewhere` than it says."""
    where = index.locate(rows["lon"].to_numpy(), rows["lat"].to_numpy())
    by_position = rows["located_by"].isin(_BY_POSITION).to_numpy()
    named = rows["place"].map(lambda code: heirs.get(code, code)).to_numpy(object)
    stated = np.flatnonzero(~by_position & (where.codes != named))
    metres = np.zeros(len(rows))
    points = (rows[name].to_numpy()[stated] for name in ("lon", "lat"))
    metres[stated] = index.metres_from(*points, named[stated])
    found = where.how != ""
    return rows.assign(
        found=pd.Series(where.codes, rows.index, dtype=object),
        how=pd.Series(where.how, rows.index, dtype=object),
        metres=metres,
        moved=by_position & found & (where.codes != rows["place"].to_numpy(object)),
        outside=by_position & ~found,
        elsewhere=metres > NEAREST,
    )


def _changed(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of which the village, or how it was found, is another than before."""
    found = rows["located_by"].isin(_BY_POSITION) & (rows["how"] != "")
    return rows.loc[rows["moved"] | (found & (rows["how"] != rows["located_by"]))]


def _move_sites(connection: Connection, sites: pd.DataFrame, written: Written) -> None:
    changed = _changed(sites)
    if changed.empty:
        return
    _write(connection, site, site.c.code, changed["code"], changed)
    move_versions(
        connection,
        {code: {"place_code": place, "located_by": how}
         for code, place, how in zip(changed["code"], changed["found"], changed["how"], strict=True)},
    )  # fmt: skip
    moved = changed.loc[changed["moved"]]
    if len(moved):
        move_results(connection, moved["code"].tolist())
        written.touch("inspections", open_months(connection, {*moved["place"], *moved["found"]}))


def _move_issues(connection: Connection, issues: pd.DataFrame, written: Written) -> None:
    changed = _changed(issues)
    if changed.empty:
        return
    _write(connection, issue, issue.c.id, (int(one) for one in changed["id"]), changed)
    moved = changed.loc[changed["moved"] & changed["superseded_by"].isna()]
    for column in ("place", "found") if len(moved) else ():
        cells = moved[[column, "month"]].drop_duplicates().itertuples(index=False, name=None)
        written.touch("issues", {(place, int(month)) for place, month in cells})


def _write(connection: Connection, table: sa.Table, key: sa.Column, keys: Iterable[object], rows: pd.DataFrame) -> None:
    mark = table.update().where(key == sa.bindparam("known"))
    mark = mark.values(place_code=sa.bindparam("village"), located_by=sa.bindparam("found_how"))
    values = zip(keys, rows["found"], rows["how"], strict=True)
    connection.execute(mark, [{"known": one, "village": place, "found_how": how} for one, place, how in values])
