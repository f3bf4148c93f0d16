"""自由分析: any indicator, two groups, places and months, asked as a sentence, answered, tested, taken away."""

import streamlit as st

from ui.address_choice import address_choice
from ui.measures import view_of
from ui.page_head import page_head
from ui.payloads.query_choices import FORMS
from ui.query_results import answer, draw_answer
from ui.query_sentence import ask, draw_notices
from ui.session import current_filters, current_version, open_page
from ui.texts import text

viewer = open_page("research/query")
filters, version = current_filters(), current_version()
lang, tone = filters.lang, st.context.theme.type or "light"
view = view_of(viewer, filters, version)

head = st.container()
form = address_choice(
    "form",
    {code: text(f"query.form.{code}", lang) for code in FORMS},
    label=text("query.form.label", lang),
    notes={code: text(f"query.form_note.{code}", lang) for code in FORMS},
)
query, notices = ask(form, view, version)
draw_notices(notices)
board = answer(view, query, version, tone=tone)
with head:
    page_head(board.title, filters=filters, version=version, places_with_data=board.places_with_data, note=board.note)
draw_answer(board, query, view, version)
