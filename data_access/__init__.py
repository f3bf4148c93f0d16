"""The only door to the database: settings, tables, reads, writes and loading. Knows no Streamlit."""
