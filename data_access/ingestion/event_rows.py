"""Rows with a history in: new rows inserted, corrected rows superseding their older version, known rows left alone.

A file comes in pieces, and what is said here of "the file" holds across its pieces: of two rows with one natural key
the one changed last counts (by their 更新时间; where one of them has none, the later one), as if each had come in a
file of its own. A row that an earlier batch brought already is noted as a sighting, so that it stays when that earlier
batch is withdrawn.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data_access.bulk import arrow_table, insert_rows, insert_table
from data_access.ingestion.problems import Problem
from data_access.ingestion.repeated_rows import REPEATED
from data_access.ingestion.row_checks import CheckedRows
from data_access.ingestion.row_hashes import content_hashes
from data_access.ingestion.written_rows import Written
from data_access.tables import row_sighting


class EventWriter:
    """Writes checked rows of one source into a table that keeps history, piece after piece of one file.

    Parameters
    ----------
    table
        A table with the columns of `version_columns`.
    key
        The natural key: one current row each.
    source, batch_id
        As sightings and problems name them.
    heading
        The heading of the key, for the problem of a repeated row.
    unsaid
        Columns that do not belong to what the row says and so make no difference between versions.
    ends
        Rows of a frame → for those whose key was ended without another row in its place, the batch that did so and the
        time at which it was changed (None: not said).
    """

    def __init__(
        self,
        connection: Connection,
        table: sa.Table,
        *,
        key: Sequence[str],
        source: str,
        batch_id: int,
        heading: str,
        unsaid: Sequence[str] = (),
        ends: Callable[[pd.DataFrame], Mapping[tuple[str, ...], tuple[int, dt.datetime | None]]] | None = None,
    ) -> None:
        self.connection, self.table, self.key = connection, table, list(key)
        self._ends = ends
        self.source, self.batch_id, self.heading, self.unsaid = source, batch_id, heading, set(unsaid)
        self._has_cells = "place_code" in table.c
        self._said_when = "updated_at" in table.c

    def write(self, checked: CheckedRows, written: Written) -> pd.DataFrame:
        """Write the rows of `checked.frame`; add to `written`.

        The frame has the table's own columns (None or NaT for empty), `_sheet` and `_row`; the key is unique in it. A
        frame without `lon` and `lat` says nothing about positions: what is known of them stays.

        Returns
        -------
        DataFrame
            The rows that are new or say something else than before.
        """
        frame = checked.frame
        known = self._known_rows(frame)
        own = known.loc[(known["old_batch"] == self.batch_id) | known["sighted"].astype(bool)]
        if len(own):
            older = self._older_than(frame, own)
            if older.any():  # the row that stands earlier in this file was changed later
                zh, en = REPEATED
                checked.reject(older, column=self.heading, found=frame[self.key[0]], reason="duplicate", zh=zh, en=en)
                frame = frame.loc[~older]
                known = self._known_rows(frame)
                own = known.loc[(known["old_batch"] == self.batch_id) | known["sighted"].astype(bool)]
            self._forget_earlier_rows(own, checked, written)
            known = self._known_rows(frame)
        frame = self._with_known_positions(frame, known)
        columns = [name for name in self.table.c.keys() if name in frame.columns]  # noqa: SIM118 - no dict
        said = [name for name in columns if name not in self.unsaid]
        frame = frame.assign(content_hash=content_hashes(frame, self.table, said))
        fates = self._fates(frame, known)
        is_new, is_same, is_late, is_again = (fates["fate"] == one for one in ("new", "same", "late", "again"))
        self._note_sightings(fates.loc[is_same], frame)
        replaced = fates.loc[fates["fate"] == "changed"]
        self._supersede(replaced["old_id"])
        fresh = frame.loc[~is_same.to_numpy()]
        self._insert(fresh, columns, fates.loc[~is_same, ["fate", "old_batch"]])
        counts = {"issue": "issues", "inspection_result": "inspections", "measurement": "measurements"}
        if self._has_cells:
            counting = fresh.loc[~(is_late | is_again).loc[~is_same].to_numpy()]
            written.touch(counts[self.table.name], _cells(counting["place_code"], counting["month"]))
            written.touch(counts[self.table.name], _cells(replaced["old_place"], replaced["old_month"]))
            written.note_months(frame["month"])
        written.new += int(is_new.sum())
        written.changed += len(replaced)
        written.unchanged += int(is_same.sum()) + int(is_again.sum())
        written.late += int(is_late.sum())
        return fresh

    def _fates(self, frame: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
        """For each row of the frame its fate beside what is known of its key: "new", "same", "changed", "late", or
        "again" where the late row is in history already.

        A late row goes into history each time it comes: what follows what when a batch is withdrawn depends on when.
        """
        if known.empty:
            blank = {name: pd.Series([None] * len(frame), frame.index, dtype=object) for name in known.columns}
            return self._after_ends(frame, pd.DataFrame(blank, index=frame.index).assign(fate="new"))
        fates = frame[self.key].merge(known, on=self.key, how="left")
        fates.index = frame.index
        is_new = fates["old_id"].isna()
        is_same = ~is_new & (fates["old_hash"] == frame["content_hash"])
        late = self._older_than(frame, known) & ~is_new & ~is_same
        again = late & frame["content_hash"].isin(self._in_history(frame.loc[late])) if late.any() else late
        fate = np.select([is_new, is_same, again, late], ["new", "same", "again", "late"], default="changed")
        return self._after_ends(frame, fates.assign(fate=fate))

    def _after_ends(self, frame: pd.DataFrame, fates: pd.DataFrame) -> pd.DataFrame:
        """A row whose key was ended by something that was changed later than the row goes into history, too."""
        new = frame.loc[(fates["fate"] == "new").to_numpy()]
        if self._ends is None or "updated_at" not in frame or not new["updated_at"].notna().any():
            return fates
        ended = self._ends(new.loc[new["updated_at"].notna()])
        for index, key, at in zip(new.index, new[self.key].itertuples(index=False, name=None), new["updated_at"],
                                  strict=True):  # fmt: skip
            number, when = ended.get(key, (0, None))
            if when is not None and not pd.isna(at) and at < when:
                fates.loc[index, ["fate", "old_batch"]] = ["late", number]
        return fates

    def _with_known_positions(self, frame: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
        """The frame with the positions that are known of its rows, where its file says nothing about positions. A row
        that is older than what is known stays as it is: the position came later."""
        if "lon" in frame or known["old_lon"].isna().all():
            return frame
        before = frame[self.key].merge(known, on=self.key, how="left")
        has = (before["old_lon"].notna() & ~self._older_than(frame, known).to_numpy()).to_numpy()
        kept = {name: np.where(has, before[f"old_{name}"], np.nan).astype(np.float64) for name in ("lon", "lat")}
        return frame.assign(**kept, located_by=pd.Series(np.where(has, "stated", None), frame.index, dtype=object))

    def _older_than(self, frame: pd.DataFrame, known: pd.DataFrame) -> pd.Series:
        """Which rows of the frame were changed before the known rows of their keys; never where one does not say."""
        if not self._said_when or "updated_at" not in frame or known.empty:
            return pd.Series(False, frame.index)
        before = pd.to_datetime(frame[self.key].merge(known, on=self.key, how="left")["old_updated"]).to_numpy()
        with np.errstate(invalid="ignore"):
            return pd.Series(frame["updated_at"].to_numpy() < before, frame.index)

    def _in_history(self, late: pd.DataFrame) -> set[str]:
        """Content hashes of late rows that history holds already."""
        table, found = self.table, set()
        hashes = sorted(set(late["content_hash"]))
        keys = sorted(set(late[self.key[0]]))
        for start in range(0, len(keys), 500):
            mine = sa.and_(table.c[self.key[0]].in_(keys[start : start + 500]), table.c.superseded_by.is_not(None),
                           table.c.superseded_by != table.c.batch_id)  # fmt: skip
            found |= set(self.connection.execute(sa.select(table.c.content_hash).where(mine)).scalars())
        return found & set(hashes)

    def _insert(self, fresh: pd.DataFrame, columns: list[str], fates: pd.DataFrame) -> None:
        if fresh.empty:
            return
        late = fates["fate"].isin(("late", "again")).to_numpy()
        stored = fresh.assign(
            batch_id=self.batch_id,
            row_number=fresh["_row"],
            sheet=[sheet[:120] or None for sheet in fresh["_sheet"]],
            superseded_by=np.where(late, fates["old_batch"].to_numpy(object), None),
        )
        names = [*columns, "content_hash", "batch_id", "sheet", "row_number"]
        if late.any():
            names.append("superseded_by")
        insert_table(self.connection, self.table, arrow_table(stored, self.table, names))

    def _supersede(self, ids: pd.Series) -> None:
        if len(ids):
            mark = self.table.update().where(self.table.c.id == sa.bindparam("old"))
            mark = mark.values(superseded_by=self.batch_id)
            self.connection.execute(mark, [{"old": int(one)} for one in ids])

    def _note_sightings(self, same: pd.DataFrame, frame: pd.DataFrame) -> None:
        if same.empty or same["old_id"].isna().all():
            return
        same = same.loc[same["old_id"].notna()]
        rows = frame.loc[same.index]
        values = zip(
            [self.source] * len(same), (int(one) for one in same["old_id"]), [self.batch_id] * len(same),
            (int(one) for one in rows["_row"]), (sheet[:120] or None for sheet in rows["_sheet"]), strict=True,
        )  # fmt: skip
        names = ["source", "row_id", "batch_id", "row_number", "sheet"]
        insert_rows(self.connection, row_sighting, names, values)

    def _forget_earlier_rows(self, own: pd.DataFrame, checked: CheckedRows, written: Written) -> None:
        """Rows that stand earlier in this very file give way: as if they had not been there, but for a problem each."""
        table, zh, en = self.table, *REPEATED
        frame = checked.frame
        origins = dict(
            zip(frame[self.key].itertuples(index=False, name=None), frame.get("_origin", frame.index), strict=True)
        )
        for row in own.to_dict("records"):
            key_text, place, _ = checked.owner_of(origins[tuple(row[name] for name in self.key)])
            same_key = sa.and_(*(table.c[name] == row[name] for name in self.key))
            seen = sa.and_(row_sighting.c.source == self.source, row_sighting.c.row_id == row["old_id"],
                           row_sighting.c.batch_id == self.batch_id)  # fmt: skip
            if row["sighted"]:
                where = self.connection.execute(
                    sa.select(row_sighting.c.sheet, row_sighting.c.row_number).where(seen)
                ).one()
                self.connection.execute(row_sighting.delete().where(seen))
                written.unchanged -= 1
            else:
                mine = table.c.id == row["old_id"]
                where = self.connection.execute(sa.select(table.c.sheet, table.c.row_number).where(mine)).one()
                self.connection.execute(table.delete().where(mine))
                back = table.update().where(same_key, table.c.superseded_by == self.batch_id).values(superseded_by=None)
                if self.connection.execute(back).rowcount:
                    written.changed -= 1
                else:
                    written.new -= 1
            found = str(row[self.key[0]])
            checked.add_problem(
                Problem(where.sheet or "", where.row_number, self.heading, found, "duplicate", zh.format(found=found),
                        en.format(found=found), {self.heading: found}, key_text,
                        place and row["old_place"] and row["old_place"][:9], row["old_month"])
            )  # fmt: skip

    def _known_rows(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The stored current versions of the rows in `frame`: key, old_id, old_hash, old_batch, old_updated, old_place,
        old_month, old_lon, old_lat, and whether this batch has sighted them."""
        table, key = self.table, self.key
        names = [*key, "old_id", "old_hash", "old_batch", "old_updated", "old_place", "old_month", "old_lon",
                 "old_lat", "sighted"]  # fmt: skip
        empty = pd.DataFrame({name: pd.Series([], dtype=object) for name in names})
        if frame.empty:
            return empty
        first = key[-1] if key[0] == "source" else key[0]
        span = sa.and_(table.c.superseded_by.is_(None), table.c[first] >= frame[first].min(),
                       table.c[first] <= frame[first].max())  # fmt: skip
        if self.connection.execute(sa.select(table.c.id).where(span).limit(1)).first() is None:
            return empty
        incoming = sa.Table(
            "incoming_key", sa.MetaData(), *(sa.Column(name, table.c[name].type) for name in key),
            prefixes=["TEMPORARY"],
        )  # fmt: skip
        incoming.create(self.connection)  # undone with the transaction when anything below fails
        insert_table(self.connection, incoming, arrow_table(frame, incoming, key))
        if self.connection.dialect.name == "postgresql":
            self.connection.execute(sa.text("ANALYZE incoming_key"))
        nothing = sa.literal(None)
        seen = sa.and_(row_sighting.c.source == self.source, row_sighting.c.row_id == table.c.id,
                       row_sighting.c.batch_id == self.batch_id)  # fmt: skip
        statement = sa.select(
            *(incoming.c[name] for name in key),
            table.c.id,
            table.c.content_hash,
            table.c.batch_id,
            table.c.updated_at if self._said_when else nothing,
            table.c.place_code if self._has_cells else nothing,
            table.c.month if self._has_cells else nothing,
            table.c.lon if "lon" in table.c else nothing,
            table.c.lat if "lat" in table.c else nothing,
            sa.exists().where(seen),
        ).select_from(
            incoming.join(
                table, sa.and_(table.c.superseded_by.is_(None), *(table.c[name] == incoming.c[name] for name in key))
            )
        )
        rows = self.connection.execute(statement).all()
        incoming.drop(self.connection)
        return pd.DataFrame([tuple(row) for row in rows], columns=names, dtype=object) if rows else empty


def _cells(places: pd.Series, months: pd.Series) -> set[tuple[str, int]]:
    pairs = pd.DataFrame({"place": places.to_numpy(object), "month": months.to_numpy(object)}).drop_duplicates()
    return {(place, int(month)) for place, month in pairs.itertuples(index=False, name=None)}
