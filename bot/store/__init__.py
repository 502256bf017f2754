"""What the application keeps: the database, its tables, its migrations."""
