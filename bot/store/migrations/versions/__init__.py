"""The revisions, `rNNNN_what.py`. The highest number is the head."""
