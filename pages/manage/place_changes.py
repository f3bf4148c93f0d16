"""区划变更: villages merged, split and renamed; what was entered, what it would do, and the way back."""

import streamlit as st

import data_access.place_changes
from ui import cached_reads
from ui.page_head import page_head
from ui.place_changes.change_desk import draw_desk
from ui.place_changes.change_list import draw_changes
from ui.place_changes.outcome import draw_outcome
from ui.place_changes.words import page_title
from ui.section_head import section_head
from ui.session import current_filters, current_version, open_page
from ui.texts import text
from ui.upload.desk import who

viewer = open_page("manage/place_changes")
filters, version = current_filters(), current_version()
lang, by = filters.lang, who(viewer)
changes = data_access.place_changes.read_changes(cached_reads.engine())

page_head(page_title(changes, lang), filters=filters, version=version, months=False)
draw_outcome(lang)
entering, listed = st.columns([0.52, 0.48], gap="large")
with entering:
    section_head(text("place_changes.section.form", lang), note=text("place_changes.section.form_note", lang))
    draw_desk(scope=viewer.scope(), version=version.number, by=by, lang=lang)
with listed:
    section_head(text("place_changes.section.list", lang), note=text("place_changes.section.list_note", lang))
    draw_changes(changes, by=by, lang=lang)
