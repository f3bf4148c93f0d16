"""What the pages share: the parts of the screen. The only package besides the pages that knows Streamlit."""
