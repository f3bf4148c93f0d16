"""The front door: who is looking, in which language, at which page, with which choices. Every run passes here."""

import streamlit as st

from data_access.errors import UserError
from ui import cached_reads, filters, frame, messages, navigation, session
from ui.address import read_language
from ui.last_good import away_since
from ui.search_box import search_box
from ui.texts import text
from ui.tour import tour

address = filters.draw_address()
lang = read_language(address)
frame.draw_frame(lang)
frame.draw_language_switch(lang)

version = cached_reads.data_version()
if version is None and not cached_reads.is_ready():
    messages.problem(text("frame.messages.no_database", lang))
    st.stop()
nothing_yet = version is None or version.first_month is None
if nothing_yet:
    version = session.before_any_data(version)

viewer = session.find_viewer(lang=lang, townships=cached_reads.township_codes(version=version.number))
register = filters.read_register(viewer.scope(), version=version.number)
if nothing_yet and viewer.role != "steward":
    frame.draw_viewer(viewer, lang=lang, townships=register.townships)
    messages.problem(text("frame.messages.nothing_loaded", lang))
    st.stop()
entry, run_page = navigation.draw_menu(viewer.role, lang=lang, empty=nothing_yet)
if entry is None:
    filters.send_on(navigation.start_page(viewer.role), address)
filters.follow_go_to()
frame.draw_viewer(viewer, lang=lang, townships=register.townships)
if not nothing_yet:
    search_box(viewer, lang=lang, version=version.number)
frame.draw_band(version, lang=lang, local=viewer.local)
frame.draw_away(version, lang=lang, since=away_since())
if filters.came_through_the_root() and not nothing_yet and entry.key == navigation.start_page(viewer.role):
    tour(viewer.role, lang=lang)
version = session.seen_version(viewer, version)
if version.last_month is None:
    messages.problem(text("frame.messages.nothing_released", lang))
    st.stop()

chosen, problems = filters.read_filters(address, entry=entry, viewer=viewer, version=version, register=register)
filters.draw_filters(chosen, entry=entry, viewer=viewer, version=version, register=register)
messages.notice(problems)
frame.draw_waiting(lang)
with session.front_door(session.Visit(viewer=viewer, page=entry.key, filters=chosen, version=version)):
    try:
        run_page()
    except UserError as error:
        messages.user_error(error, lang=lang)
frame.draw_footer(version, lang=lang)
