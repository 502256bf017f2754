"""Content: scenario folders and shared intent packs."""
