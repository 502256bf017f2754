"""Chat and voice platforms behind one port."""
