"""数据质量: who reports late, how old the data are, how much is unknown, what was set aside."""

import streamlit as st

from ui import cached_quality, cached_reads, choropleth, messages, open_rows, scoreboard, selections, submission_strip
from ui.filters import choose, go_to
from ui.measures import register_day, view_of
from ui.page_choice import page_choice
from ui.page_head import page_head
from ui.payloads import intake_tables, report_figures
from ui.payloads.freshness_rows import today_of
from ui.payloads.quality_board import quality_board
from ui.payloads.submission_payload import choice_name, strips, village_strip
from ui.payloads.unknown_groups import GROUPS, packed_map
from ui.place_names import place_name
from ui.remark_list import draw_remarks
from ui.section_head import section_head
from ui.session import current_filters, current_version, open_page
from ui.texts import date_text, text

viewer = open_page("about/data_quality")
filters, version = current_filters(), current_version()
lang = filters.lang
view = view_of(viewer, filters, version)
today = today_of(view, demonstration=version.demonstration)
catalogue = cached_reads.catalogue()
register = cached_reads.places(view.scope, level="township", version=view.version)
towns = dict(zip(register["code"], register["name"], strict=True))
township = filters.township if filters.township in towns else viewer.township


def section(name: str, *, note: bool = True, **facts: object) -> None:
    """The heading of one part, with its note."""
    beside = text(f"data_quality.section.{name}_note", lang, **facts) if note else ""
    section_head(text(f"data_quality.section.{name}", lang, **facts), note=beside)


def draw_villages(code: str) -> None:
    """The villages of the picked township by month and on the map; a sentence where the viewer may not see them."""
    name = place_name(towns[code], lang)
    section_head(
        text("data_quality.township_detail", lang, township=name), note=text("data_quality.township_detail_note", lang)
    )
    if not view.scope.may_read(level="village", within=code):
        messages.empty(text("data_quality.not_permitted", lang, township=name))
        return
    left, right = st.columns([0.38, 0.62], gap="large")
    with left:
        choropleth.mount(packed_map(view, dimension, township=code), key="village_unknowns",
                         on_pick=selections.open_village("village_unknowns", township=code))  # fmt: skip
        with st.container(horizontal=True):
            where = {"township": code, "village": None}
            st.button(text("data_quality.open_township", lang), key="open_township",
                      on_click=go_to, args=("places/township",), kwargs=where)  # fmt: skip
            if viewer.township is None:
                st.button(text("data_quality.close_township", lang, township=name), key="close_township",
                          on_click=choose, kwargs={"township": None})  # fmt: skip
    with right:
        gaps = village_strip(view, code, name)
        if gaps is None:
            messages.empty(text("data_quality.no_village_gaps", lang))
        else:
            picked = selections.open_village("village_strip", township=code)
            submission_strip.mount(gaps, key="village_strip", on_pick=picked)


board = quality_board(view, version.as_of, today)
page_head(board.title, filters=filters, version=version, places_with_data=board.places_with_data)
scoreboard.mount(board.tiles, key="quality")

left, right = st.columns([0.56, 0.44], gap="large", vertical_alignment="bottom")
with left:
    section("strip")
with right:
    offered = report_figures.choices(catalogue, sorted(cached_quality.reports(view)["stream"].unique()))
    chosen = page_choice("see", offered, label=text("data_quality.strip.choice", lang),
                         name=lambda code: choice_name(code, lang))  # fmt: skip
ready = strips(view, chosen, township)
left, right = st.columns([0.56, 0.44], gap="large")
with left:
    submission_strip.mount(ready.townships, key="township_strip", on_pick=selections.choose_township("township_strip"))
with right:
    submission_strip.mount(ready.offices, key="office_strip")
    section("freshness", date=date_text(today, lang))
    st.html(intake_tables.freshness_html(view, today=today))
village_part = st.container()

left, right = st.columns([0.46, 0.54], gap="large")
with left:
    section("unknown")
    dimension = page_choice("dim", GROUPS, label=text("data_quality.unknown.choice", lang),
                            name=lambda code: catalogue.dimensions[code].name[lang])  # fmt: skip
    choropleth.mount(packed_map(view, dimension, selected=township), key="unknowns",
                     on_pick=selections.choose_township("unknowns"))  # fmt: skip
    section("checks", date=date_text(register_day(view, version.as_of) or today, lang))
    st.html(intake_tables.checks_html(view, version.as_of) or text("data_quality.no_checks", lang))
with right:
    section("unknown_table", note=False)
    st.html(intake_tables.unknown_html(view))
if township is not None:
    with village_part:
        draw_villages(township)

left, right = st.columns([0.54, 0.46], gap="large")
with left:
    section("set_aside")
    st.html(intake_tables.set_aside_html(view) or f"<p>{text('data_quality.no_rejected', lang)}</p>")
    if viewer.role == "steward":
        open_rows.draw_downloads(view)
    section("repeats")
    st.html(intake_tables.repeats_html(view))
with right:
    section("flags", note=False)
    draw_remarks(view)

bars, count, full = intake_tables.coverage(view)
section("coverage", count=count, full=full)
st.html(bars)
