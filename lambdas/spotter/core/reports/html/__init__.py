"""Pictures in HTML and SVG, the same for the report and for the dashboard.

They are trees of elements, so what comes from elsewhere is text by construction. There is no script
in them, no address that is fetched, and nothing that only colour shows.
"""
