"""A department's file, from the drop to the figures: put in, recognised, checked, mended, loaded."""

import streamlit as st

from ui.page_head import page_head
from ui.session import current_filters, current_version, open_page
from ui.upload.batches import draw_batches
from ui.upload.desk import open_desk, who
from ui.upload.first_steps import draw_drop, draw_look
from ui.upload.last_steps import draw_check, draw_load
from ui.upload.words import title

viewer = open_page("manage/upload")
filters = current_filters()
lang, by = filters.lang, who(viewer)
origin = f"upload page {st.context.ip_address or ''}".strip()

desk = open_desk(by, st.session_state)
page_head(title(desk, lang), filters=filters, version=current_version(), months=False)
with st.container(key="upload_steps"):
    draw_drop(desk, lang=lang)
    choices = draw_look(desk, origin=origin, lang=lang)
    may_load = draw_check(desk, choices, origin=origin, lang=lang)
    draw_load(desk, may_load=may_load, origin=origin, lang=lang)
draw_batches(by=by, origin=origin, lang=lang)
