"""Mergers, splits and new names of places: entering them, undoing them, and what history belongs to whom.

Nothing that was reported is rewritten: events, sites and measurements keep the place they were filed under, and counts
give them to the place that carries the history (see `data_access.lineage`). Each deed is one transaction: register,
names, gates to inspect, the change itself, a new data version, the counts it touches, the audit record. Villages are
merged and split here; townships are renamed here and merged by the register of places, with their villages. The history
of a village whose successor lies in another township moves there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Engine

from data_access.audit_log import record
from data_access.engine import reading, writing
from data_access.lineage import final_successors, predecessors_by_place
from data_access.place_change_plans import Change, Merge, NewPlace, Part, Plan, Rename, Split, plan_change
from data_access.place_change_steps import (
    close_place,
    count_after,
    keep_names,
    move_people,
    open_gate,
    rename_in_place,
    write_change,
)
from data_access.place_change_undo import undo_change
from data_access.place_history import preview_change, read_changes, read_place_notes
from data_access.releases import DataVersion

__all__ = [
    "ChangeSummary", "Merge", "NewPlace", "Rename", "Split", "enter_change", "lineage", "merge_places", "predecessors",
    "preview_change", "read_changes", "read_place_notes", "rename_place", "split_place", "undo_change",
]  # fmt: skip


@dataclass(frozen=True)
class ChangeSummary:
    """What was entered: the number of the change, its kind and parts, and the data version that follows it."""

    id: int
    kind: str
    on: dt.date
    parts: tuple[Part, ...]
    version: DataVersion


def merge_places(
    engine: Engine, *, before: Sequence[str], into: str | NewPlace, on: dt.date, document: str, by: str, at: str = ""
) -> ChangeSummary:
    """Merge the villages `before` into an existing or a new village from the day `on`; it carries their history.

    `document` names the decision, `by` who enters it, `at` from which machine. Raises PlaceChangeError.
    """
    return enter_change(engine, Merge(tuple(before), into), on=on, document=document, by=by, at=at)


def split_place(
    engine: Engine, *, before: str, into: Sequence[str | NewPlace], carries: str, on: dt.date, document: str, by: str,
    at: str = "",
) -> ChangeSummary:  # fmt: skip
    """Split the village `before` from the day `on`; the place `carries` carries its history alone.

    What was filed and registered under the old village counts for that one; estates and firms of the others are put
    there by the next register of estates and firms, and take their inspections along. Raises PlaceChangeError.
    """
    return enter_change(engine, Split(before, tuple(into), carries), on=on, document=document, by=by, at=at)


def rename_place(
    engine: Engine, code: str, *, name: str, on: dt.date, document: str, by: str, short_name: str = "",
    new_code: str = "", at: str = "",
) -> ChangeSummary:  # fmt: skip
    """Give a village or township another name; with `new_code` a village goes on under that code.

    The old names stay known, so that files which still use them are understood. Raises PlaceChangeError.
    """
    return enter_change(engine, Rename(code, name, short_name, new_code), on=on, document=document, by=by, at=at)


def enter_change(engine: Engine, change: Change, *, on: dt.date, document: str, by: str, at: str = "") -> ChangeSummary:
    """Enter one change of places; see `merge_places`, `split_place` and `rename_place`."""
    with writing(engine) as connection:
        plan = plan_change(connection, change, on=on)
        heirs = final_successors(connection)
        now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        change_id = write_change(connection, plan, document=document, by=by, at=now)
        for new, like in plan.new:
            open_gate(connection, new, like, on)
        for code, heir in plan.closed.items():
            close_place(connection, code, heir, on)
            keep_names(connection, code, heir, by=by, at=now)
        if plan.renamed is not None:
            rename_in_place(connection, plan.renamed, by=by, at=now)
        begun = {new.code for new, _ in plan.new}
        if plan.kind != "split":  # who lives where after a split only a register can say
            move_people(connection, plan.closed, begun)
        touched = {*plan.closed, *begun}
        version = count_after(connection, heirs, touched)
        record(connection, who=by, action="change_places", subject=_subject(change_id, plan), origin=at)
        return ChangeSummary(change_id, plan.kind, on, plan.parts, version)


def lineage(engine: Engine) -> dict[str, str]:
    """Every closed place with a successor, mapped to the place that carries its history in the end."""
    with reading(engine) as connection:
        return final_successors(connection)


def predecessors(engine: Engine, code: str) -> list[str]:
    """The closed places whose history `code` carries, however many changes lie between, by code."""
    return predecessors_by_place(lineage(engine)).get(code, [])


def _subject(change_id: int, plan: Plan) -> str:
    before = ", ".join(dict.fromkeys(part.before_code for part in plan.parts))
    after = ", ".join(dict.fromkeys(part.after_code for part in plan.parts))
    return f"change {change_id}: {plan.kind} {before} -> {after} on {plan.on}"
