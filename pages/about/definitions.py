"""What every number means: indicators, pairings, reading rules and marks, drawn from the catalogue."""

import streamlit as st

from ui import cached_reads, glossary
from ui.filters import choose
from ui.messages import empty
from ui.page_head import page_head
from ui.session import current_filters, current_version, open_page
from ui.texts import text

open_page("about/definitions")
filters = current_filters()
lang = filters.lang
catalogue = cached_reads.catalogue()
linked = catalogue[filters.indicator] if filters.indicator else None

head = st.container()
with st.container(key="definition_search_row", horizontal=True, vertical_alignment="bottom"):
    words = st.text_input(
        text("definitions.search", lang),
        key="definition_words",
        placeholder=text("definitions.search_hint", lang),
        icon=":material/search:",
        max_chars=60,
        live=True,
        width=320,
    )
    domain = st.pills(
        text("definitions.domain", lang),
        catalogue.domains,
        key="definition_domain",
        format_func=lambda code: catalogue.domain_names[code][lang],
    )
found = glossary.search_catalogue(catalogue, words=words, domain=domain)

with head:
    asked = bool(words or domain)
    title = text("definitions.title_found" if asked else "definitions.title", lang, count=len(found))
    if linked is not None and not asked:
        title = text("definitions.title_one", lang, name=linked.name[lang])
    page_head(title, filters=filters, version=current_version(), months=False)

if linked is not None:
    with st.container(key="linked_definition"):
        st.caption(text("definitions.linked", lang))
        st.html(glossary.entry_html(linked, catalogue=catalogue, lang=lang))
        st.button(
            text("definitions.show_all", lang),
            key="forget_linked",
            type="tertiary",
            on_click=choose,
            kwargs={"indicator": None},
        )
if not asked:
    st.html(f'<p class="gb-lead">{text("definitions.lead", lang)}</p>' + glossary.rules_html(lang))
if not found:
    empty(text("definitions.nothing_found", lang, given=words))
else:
    index, entries = st.columns([1, 4], gap="large")
    index.html(glossary.index_html(found, catalogue=catalogue, lang=lang))
    entries.html(glossary.list_html(found, catalogue=catalogue, lang=lang))
if not asked:
    st.html(glossary.pairings_html(catalogue, lang=lang))
    st.html(glossary.marks_html(lang))
