"""群众满意: is the rate borne out once those are counted who were not reached, and who is dissatisfied?"""

from functools import partial

import streamlit as st

from ui import choropleth, messages, scoreboard, selections
from ui.address_choice import address_choice
from ui.annotation_desk import annotation_desk
from ui.figure_block import figure_block
from ui.map_colours import map_colours
from ui.map_downloads import map_downloads
from ui.measures import view_of
from ui.page_head import page_head
from ui.payloads.annotation_marks import annotation_marks, notes_on
from ui.payloads.satisfaction_charts import bounds_figure, months_figure
from ui.payloads.satisfaction_figures import REACH, SATISFACTION
from ui.payloads.satisfaction_page import (
    PlacesPart,
    groups_table,
    mounted_places_map,
    mounted_satisfaction,
    satisfaction_page,
)
from ui.section_head import section_head
from ui.session import current_filters, current_version, open_page
from ui.survey_facts import figure_name, survey_facts
from ui.table_block import table_block
from ui.texts import text

viewer = open_page("service/satisfaction")
filters, version = current_filters(), current_version()
lang, township, tone = filters.lang, filters.township, st.context.theme.type or "light"
view = view_of(viewer, filters, version)
asked = (view, township, version.demonstration)
board, ready = satisfaction_page(*asked), mounted_satisfaction(*asked)
took = {"version": version, "lang": lang}


def draw_survey() -> None:
    """What the silent leave open, for the area and its groups, and the same in sentences."""
    left, right = st.columns([0.64, 0.36], gap="large")
    with left:
        section_head(text("satisfaction.section.bounds", lang), note=text("satisfaction.section.bounds_note", lang))
        by = address_choice("sby", board.dimensions, label=text("satisfaction.by", lang), notes={})
        drawn = bounds_figure(view, township, by, place=board.name, tone=tone)
        figure_block(drawn.figure, key="survey_bounds", alt=drawn.alt, title=board.title, period=board.months, **took)
    with right:
        section_head(text("satisfaction.section.facts", lang))
        survey_facts(board.facts)
    section_head(text("satisfaction.section.groups", lang), note=text("satisfaction.section.groups_note", lang))
    table, packed_table = groups_table(*asked, dimension=by)
    if table["rows"]:
        table_block(packed_table, table, key="survey_groups", title=table["caption"], period=board.months, **took)
    else:
        messages.empty(text("satisfaction.groups.empty", lang))


def draw_months() -> None:
    """Satisfaction and, beside it, reach month by month."""
    section_head(text("satisfaction.section.months", lang), note=text("satisfaction.section.months_note", lang))
    notes = notes_on(view.scope, places=(township or view.root,), indicator=SATISFACTION)
    marks = annotation_marks(notes, lang)
    asks = {"place": board.name, "tone": tone, "last_month": version.last_month, "marks": marks}
    for column, code in zip(st.columns(2, gap="large"), (SATISFACTION, REACH), strict=True):
        drawn = months_figure(view, township, code, **asks)
        name = text(f"satisfaction.months.{code}", lang)
        with column:
            figure_name(name)
            if drawn.figure:
                figure_block(
                    drawn.figure, key=f"months_{code}", alt=drawn.alt, title=f"{board.name} {name}",
                    period=drawn.period, **took,
                )  # fmt: skip
            else:
                messages.empty(text("satisfaction.months.nothing", lang))
    where = {"place": township or view.root, "place_name": board.name, "indicator": SATISFACTION}
    annotation_desk(notes, **where, viewer=viewer, **took)


def draw_places(places: PlacesPart) -> None:
    """The townships, or the villages of one, as map and table."""
    section_head(places.title, note=places.click_note)
    for sentence in places.notes:
        st.caption(sentence)
    opens = selections.choose_township if township is None else partial(selections.open_village, township=township)
    left, right = st.columns([0.32, 0.68], gap="medium")
    with left:
        colours = map_colours(filters)
        drawn = mounted_places_map(*asked, colours)
        if drawn is not None:
            choropleth.mount(drawn, key="survey_map", on_pick=opens("survey_map"))
            map_downloads(
                lambda: places.drawn(colours), view=view, version=version, title=places.title, period=places.period,
                key="survey_map",
            )  # fmt: skip
    with right:
        if ready.places is not None:
            table_block(
                ready.places, places.table, key="survey_places", title=places.title, period=places.period,
                on_pick=opens("survey_places"), **took,
            )  # fmt: skip


page_head(
    board.title, filters=filters, version=version, places_with_data=board.places_with_data, note=board.note,
    crumbs=board.crumbs(township),
)  # fmt: skip
scoreboard.mount(ready.tiles, key="survey_tiles")
if board.asked:
    draw_survey()
else:
    messages.empty(text("satisfaction.empty", lang, place=board.name, months=board.months))
draw_months()
if board.places:
    draw_places(board.places)
else:
    section_head(text("satisfaction.section.village", lang, place=board.name))
    messages.empty(text("township.villages.not_permitted", lang, township=board.name))
