"""统计方法: how every judgement is reached, one screen a method, and a box to try it with one's own counts."""

import streamlit as st

from ui import cached_reads
from ui.measures import view_of
from ui.method_index import method_index
from ui.method_register import METHODS, method_named
from ui.method_sheets import foot_html, sheet_html
from ui.page_head import page_head
from ui.session import current_filters, current_version, open_page
from ui.texts import text
from ui.try_box import try_box

viewer = open_page("about/methods")
filters, version = current_filters(), current_version()
lang, view = filters.lang, view_of(viewer, filters, version)

page_head(
    text("methods.title", lang),
    filters=filters,
    version=version,
    note=text("methods.note", lang, count=len(METHODS)),
    months=False,
)
with st.container(key="methods"):
    index, sheet, box = st.columns([0.16, 0.54, 0.3], gap="medium")
    with index:
        chosen = method_index(lang)
    sheet.html(sheet_html(method_named(chosen), lang))
    with box:
        try_box(view)
st.html(foot_html(version, lang=lang, catalogue_hash=cached_reads.catalogue().hash, until=viewer.until))
