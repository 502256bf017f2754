"""What brings lanes with work to a process that does it. Every carrier runs the same functions."""
