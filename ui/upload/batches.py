"""What was loaded so far: the list of batches, one of them opened, and where a single row comes from."""

from __future__ import annotations

import datetime as dt
import tempfile
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from data_access import jobs
from data_access.batches import read_batches, read_history, read_problems
from data_access.ingestion.rejected_workbook import write_rejected_workbook
from data_access.ingestion.source_form import LOAD_ORDER, source_form
from ui import cached_reads, messages
from ui.section_head import section_head
from ui.texts import month_span, number, text
from ui.upload.mending import XLSX
from ui.upload.progress_line import progress_line
from ui.upload.words import source_name

LISTED = 100
LONGEST_REASON = 400
_WITHDRAWAL = "upload_withdrawal"


def draw_batches(*, by: str, origin: str, lang: str) -> None:
    """The list of batches; a chosen one opens below it."""
    section_head(text("upload.batches.title", lang), note=text("upload.batches.note", lang))
    _draw_withdrawal(by, lang)
    batches = read_batches(cached_reads.engine(), limit=LISTED)
    if batches.empty:
        messages.empty(text("upload.batches.none", lang))
        return
    chosen = st.dataframe(
        _listed(batches, lang),
        key=f"batch_table_{st.session_state.get('batch_tables', 0)}",
        on_select="rerun",
        selection_mode="single-row",
        hide_index=True,
        height=min(36 * (len(batches) + 1), 396),
        column_config=_columns(lang),
    )
    rows = chosen["selection"]["rows"]
    if rows and rows[0] < len(batches):
        _draw_batch(batches.iloc[rows[0]].to_dict(), by=by, origin=origin, lang=lang)
    _draw_history(lang)


def _listed(batches: pd.DataFrame, lang: str) -> pd.DataFrame:
    def said(name: str) -> str:
        return text(f"upload.batches.{name}", lang)

    months = [
        month_span(int(row.first_month), int(row.last_month), lang) if row.first_month else ""
        for row in batches.itertuples()
    ]
    states = [
        said("withdrawn" if row.withdrawn_at is not None else "made_up" if row.demonstration else "in_force")
        for row in batches.itertuples()
    ]
    return pd.DataFrame(
        {
            "id": batches["id"].astype("int64"),
            "loaded_at": [local_time(at) for at in batches["loaded_at"]],
            "source": [source_name(source, lang) for source in batches["source"]],
            "file": batches["file_name"],
            "months": months,
            **{name: batches[f"rows_{name}"].astype("int64") for name in ("read", "new", "changed", "rejected")},
            "loaded_by": [person(by, lang) for by in batches["loaded_by"]],
            "state": states,
        }
    )


def _columns(lang: str) -> dict[str, Any]:
    widths = {"id": 60, "loaded_at": 140, "source": 160, "file": 230, "months": 165, "loaded_by": 90, "state": 76}
    figures = {name: st.column_config.NumberColumn(text(f"upload.batches.{name}", lang), format="localized", width=76)
               for name in ("read", "new", "changed", "rejected")}  # fmt: skip
    figures["id"] = st.column_config.NumberColumn(text("upload.batches.id", lang), width=widths["id"])
    words = {name: st.column_config.TextColumn(text(f"upload.batches.{name}", lang), width=width)
             for name, width in widths.items() if name not in ("id", "loaded_at")}  # fmt: skip
    at = st.column_config.DatetimeColumn(
        text("upload.batches.loaded_at", lang), format="YYYY-MM-DD HH:mm", width=widths["loaded_at"]
    )
    return {**words, **figures, "loaded_at": at}


def local_time(at: dt.datetime) -> dt.datetime:
    """A moment kept in UTC, in the server's time."""
    return at.replace(tzinfo=dt.UTC).astimezone().replace(tzinfo=None)


def moment_text(at: dt.datetime) -> str:
    """A moment kept in UTC as 2020-03-05 14:30, in the server's time."""
    return f"{local_time(at):%Y-%m-%d %H:%M}"


def person(by: str, lang: str) -> str:
    """Who loaded: a name, or in words what stands in its place."""
    known = {name: f"upload.batches.{name}" for name in ("local", "demonstration", "migration")}
    return text(known[by], lang) if by in known else by


def _draw_batch(batch: dict[str, Any], *, by: str, origin: str, lang: str) -> None:
    number_ = int(batch["id"])
    with st.container(key="upload_batch", border=True):
        title = text("upload.batches.chosen", lang, batch=number_, file=batch["file_name"])
        st.html(f"<h3>{escape(title)}</h3>")
        if batch["withdrawn_at"] is not None:
            said = text(
                "upload.batches.withdrawn_note",
                lang,
                time=moment_text(batch["withdrawn_at"]),
                by=person(batch["withdrawn_by"] or "", lang),
                because=batch["withdrawn_because"] or "",
            )
            st.html(f'<p class="gb-quiet">{escape(said)}</p>')
            return
        if batch["rows_rejected"]:
            _draw_open_rows(number_, batch, lang)
        _draw_withdraw(number_, batch, by=by, origin=origin, lang=lang)


def _draw_open_rows(number_: int, batch: dict[str, Any], lang: str) -> None:
    problems = read_problems(cached_reads.engine(), number_, open_only=True)
    if not problems:
        return
    count = number(len(problems))
    st.html(f'<p class="gb-said">{escape(text("upload.batches.open_rows", lang, count=count))}</p>')

    def workbook() -> bytes:
        with tempfile.TemporaryDirectory(prefix="rejected-") as folder:
            path = Path(folder) / "rejected.xlsx"
            write_rejected_workbook(path, problems=problems, form=source_form(batch["source"]), headings={}, lang=lang)
            return path.read_bytes()

    st.download_button(
        text("upload.check.download", lang, count=count),
        data=workbook,
        file_name=text("upload.check.download_name", lang, file=Path(batch["file_name"]).stem[:60],
                       count=len(problems)),
        mime=XLSX,
        key="batch_download",
        on_click="ignore",
        icon=":material/download:",
    )  # fmt: skip


def _draw_withdraw(number_: int, batch: dict[str, Any], *, by: str, origin: str, lang: str) -> None:
    rows = number(batch["rows_new"] + batch["rows_changed"] + batch["rows_unchanged"])
    with st.expander(text("upload.batches.withdraw", lang), icon=":material/undo:"):
        st.html(f'<p class="gb-quiet">{escape(text("upload.batches.withdraw_note", lang))}</p>')
        because = st.text_input(
            text("upload.batches.because", lang),
            key=f"because_{number_}",
            max_chars=LONGEST_REASON,
            placeholder=text("upload.batches.because_hint", lang),
        )
        sure = st.checkbox(text("upload.batches.sure", lang, batch=number_, rows=rows), key=f"sure_{number_}")
        ready = bool(because and because.strip()) and sure
        if st.button(
            text("upload.batches.withdraw_button", lang, batch=number_), key=f"withdraw_{number_}", disabled=not ready
        ):
            job = jobs.start_job("withdraw", by=by, origin=origin, batch_id=number_, because=because.strip())
            st.session_state[_WITHDRAWAL] = job
            st.session_state["batch_tables"] = st.session_state.get("batch_tables", 0) + 1  # nothing chosen any more
            st.rerun()


def _draw_withdrawal(by: str, lang: str) -> None:
    """The withdrawal that runs, or what became of it; also after a reload of the page."""
    running = next((job for job in jobs.jobs_of(by) if job.order.kind == "withdraw" and not job.ended), None)
    if running is not None:
        st.session_state[_WITHDRAWAL] = running.id
        st.html(f"<h3>{escape(text('upload.batches.withdrawing', lang, batch=running.order.batch_id))}</h3>")
        progress_line(running.id, by=by, lang=lang)
        return
    if _WITHDRAWAL not in st.session_state:
        return
    job = jobs.job_state(st.session_state[_WITHDRAWAL], by=by)
    if job.state != "done" or job.result is None:
        messages.problem(job.in_language(lang))
        return
    said = text("upload.batches.withdraw_done", lang, batch=job.result["batch_id"],
                gone=number(job.result["rows_withdrawn"]), revived=number(job.result["rows_revived"]),
                kept=number(job.result["rows_kept"]))  # fmt: skip
    st.html(f'<p class="gb-said done">{escape(said)}</p>')


def _draw_history(lang: str) -> None:
    with st.expander(text("upload.history.title", lang), icon=":material/history:"):
        st.caption(text("upload.history.note", lang))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            source = st.selectbox(
                text("upload.history.source", lang),
                LOAD_ORDER,
                index=LOAD_ORDER.index("issues"),
                key="history_source",
                format_func=lambda code: source_name(code, lang),
                width=220,
            )
            key = st.text_input(text("upload.history.key", lang), key="history_key", max_chars=200, width=320)
        if not key:
            return
        versions = read_history(cached_reads.engine(), source=source, key=key.strip())
        if versions.empty:
            messages.empty(text("upload.history.none", lang, given=key.strip()))
            return
        st.dataframe(_versions(versions, source, lang), hide_index=True)


def _versions(versions: pd.DataFrame, source: str, lang: str) -> pd.DataFrame:
    """Versions of a row under the headings of the form, newest first."""
    form = source_form(source)
    hidden = ("batch_id", "file_name", "file_hash", "sheet", "row_number", "loaded_at", "loaded_by", "state",
              "replaced_by", "month" if "month" not in form.columns else "")  # fmt: skip
    shown = pd.DataFrame(
        {
            text("upload.history.batch", lang): versions["batch_id"],
            text("upload.history.state", lang): [
                text(f"upload.history.{row.state}", lang, **({"batch": row.replaced_by} if row.replaced_by else {}))
                for row in versions.itertuples()
            ],
            text("upload.batches.loaded_at", lang): [
                f"{local_time(at):%Y-%m-%d %H:%M}" for at in versions["loaded_at"]
            ],
            text("upload.history.file", lang): versions["file_name"],
            text("upload.history.sheet", lang): [sheet or "" for sheet in versions["sheet"]],
            text("upload.history.row", lang): versions["row_number"],
        }
    )
    for name in versions.columns:
        if name in hidden:
            continue
        column = form.columns.get(name)
        words = {code: word for word, code in reversed(column.words.items())} if column else {}
        heading = column.heading if column else text("upload.history.place", lang) if name == "place_code" else name
        shown[heading] = ["" if value is None else words.get(str(value), str(value)) for value in versions[name]]
    return shown.iloc[::-1]
