"""数据发布: which months are public; releasing and taking back, what was revised since, and who did what."""

import streamlit as st

from data_access.audit_log import read_audit
from data_access.released_months import local_now
from data_access.settings import read_settings
from ui import cached_reads, release_months, release_panels
from ui.audit_table import audit_table
from ui.page_head import page_head
from ui.payloads.revised_figures import in_words, place_names
from ui.revision_table import LONGEST, revision_table
from ui.section_head import section_head
from ui.session import current_filters, current_version, open_page
from ui.texts import text

viewer = open_page("manage/releases")
filters, version = current_filters(), current_version()
lang, scope = filters.lang, viewer.scope()
releases = cached_reads.releases()
revised = cached_reads.revisions(scope, version=version.number)
states = release_months.month_states(
    cached_reads.months_with_data(version=version.number),
    version=version,
    releases=releases,
    revised=revised["month"].value_counts().to_dict(),
    now=local_now(),
)

limited = bool(read_settings().released_only)
page_head(
    release_months.title(states, releases, limited=limited, lang=lang), filters=filters, version=version, months=False
)
release_panels.draw_outcome(lang)

beside, acting = st.columns([0.52, 0.48], gap="large")
with beside:
    section_head(text("releases.section.months", lang), note=text("releases.section.months_note", lang))
    st.html(release_months.strip_html(states, lang))
with acting:
    release_tab, back_tab = st.tabs([text("releases.section.release", lang), text("releases.section.take_back", lang)])
    with release_tab:
        release_panels.draw_release(states, viewer=viewer, version=version, lang=lang)
    with back_tab:
        release_panels.draw_take_back(releases, viewer=viewer, lang=lang)

section_head(text("releases.section.revised", lang), note=text("releases.section.revised_note", lang))
names = place_names(scope, version=version.number, lang=lang)
figures = in_words(revised.head(LONGEST), catalogue=cached_reads.catalogue(), names=names, lang=lang)
revision_table(figures, all_rows=len(revised), key="revisions", lang=lang)

section_head(text("releases.section.audit", lang))
audit_table(read_audit(cached_reads.engine()), key="audit", lang=lang)
