"""Everything that knows Streamlit, pages apart: pickers, caches, tables, the address bar."""
