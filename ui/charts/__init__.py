"""Plotly figures drawn from frames. Knows neither Streamlit nor the database; words come from the caller."""
