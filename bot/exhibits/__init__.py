"""Exhibits made ready to show: as tables, as CSV, as pictures, and media files made safe.

Importing this package imports no drawing library; `pictures` loads one when it first draws.
"""
