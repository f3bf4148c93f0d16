"""指标口径: what every number means, with the district's present figure; drawn from the catalogue."""

import streamlit as st

from ui import cached_reads, definition_downloads, glossary, glossary_vocabulary
from ui.address_choice import address_choice
from ui.filters import choose
from ui.measures import view_of
from ui.messages import empty
from ui.page_head import page_head
from ui.payloads.definition_figures import district_figures, links_of
from ui.session import current_filters, current_version, open_page
from ui.texts import text

viewer = open_page("about/definitions")
filters, version = current_filters(), current_version()
lang = filters.lang
catalogue = cached_reads.catalogue()
linked = catalogue[filters.indicator] if filters.indicator else None
view = view_of(viewer, filters, version)

head = st.container()
with st.container(key="definition_search_row"):
    words = st.text_input(
        text("definitions.search", lang),
        key="defq",
        placeholder=text("definitions.search_hint", lang),
        icon=":material/search:",
        max_chars=60,
        live=True,
        width=420,
        bind="query-params",
    )
    offered = {code: catalogue.domain_names[code][lang] for code in catalogue.domains}
    every = {"all": text("definitions.every_domain", lang)}
    chosen = address_choice("defdom", every | offered, label=text("definitions.domain", lang), notes={})
domain = None if chosen == "all" else chosen
found = glossary.search_catalogue(catalogue, words=words or "", domain=domain)
asked = bool(words or domain)

with head:
    title = text("definitions.title_found" if asked else "definitions.title", lang, count=len(found))
    if not found:
        title = text("definitions.title_nothing", lang)
    if linked is not None and not asked:
        title = text("definitions.title_one", lang, name=linked.name[lang])
    page_head(title, filters=filters, version=version, months=False)

today, shown_on = district_figures(view), links_of(view, role=viewer.role, township=filters.township)
if linked is not None:
    with st.container(key="linked_definition"):
        st.caption(text("definitions.linked", lang))
        st.html(
            glossary.entry_html(
                linked, catalogue=catalogue, lang=lang, today=today.get(linked.code), shown_on=shown_on[linked.code]
            )
        )
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
    definition_downloads.draw(found, catalogue, view, version)
    index, entries = st.columns([1, 4], gap="large")
    index.html(glossary.index_html(found, catalogue=catalogue, lang=lang))
    entries.html(
        glossary.list_html(
            found, catalogue=catalogue, lang=lang, today=today, shown_on=shown_on, without=filters.indicator
        )
    )
if not asked:
    st.html(glossary_vocabulary.pairings_html(catalogue, lang=lang))
    st.html(glossary_vocabulary.dimensions_html(catalogue, lang=lang))
    st.html(glossary_vocabulary.levels_html(lang))
    st.html(glossary.marks_html(lang))
