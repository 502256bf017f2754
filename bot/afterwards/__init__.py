"""What reaches people after a session: planned as rows, sent once, stopped with one press."""
