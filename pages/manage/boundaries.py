"""边界图层: an office's own shapes in, looked at beside the present ones, accepted or left."""

import streamlit as st

from ui import cached_reads
from ui.boundary_desk.decision import draw_decision, draw_outcome
from ui.boundary_desk.delivery_steps import draw_choices, draw_drop
from ui.boundary_desk.desk import open_desk
from ui.boundary_desk.layer_list import draw_layers, layers_title
from ui.measures import view_of
from ui.page_head import page_head
from ui.section_head import section_head
from ui.session import current_filters, current_version, open_page, origin
from ui.texts import text
from ui.upload.desk import who

viewer = open_page("manage/boundaries")
filters, version = current_filters(), current_version()
lang, by = filters.lang, who(viewer)
desk = open_desk(by)
if desk.stage == "brought":
    cached_reads.forget_boundary_layers()  # the job that brought it runs in another process
layers, present = cached_reads.boundary_layers(), cached_reads.present_layer()
brought = next((layer for layer in layers if layer.id == desk.layer), None)
view = view_of(viewer, filters, version)

page_head(layers_title(layers, present, lang), filters=filters, version=version, months=False)
draw_outcome(lang)
section_head(text("boundaries.section.bring", lang), note=text("boundaries.section.bring_note", lang))
with st.container(key="upload_steps"):
    draw_drop(desk, origin=origin(), lang=lang)
    draw_choices(desk, origin=origin(), lang=lang)
    draw_decision(desk, brought, view=view, by=by, origin=origin(), lang=lang)
section_head(text("boundaries.section.layers", lang), note=text("boundaries.section.layers_note", lang))
draw_layers(layers, present, view=view, by=by, origin=origin(), lang=lang)
