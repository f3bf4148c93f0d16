"""Shapes and space: frames in, frames or drawings out; no database and no Streamlit."""
