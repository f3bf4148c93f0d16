"""Figures as files: maps as SVG, PNG and PDF. Knows no Streamlit, starts no browser and asks no other machine."""

from ui.exports.map_sheet import map_sheet
from ui.exports.pictures import pdf, png

__all__ = ["map_sheet", "pdf", "png"]
