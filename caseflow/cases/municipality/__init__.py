"""The municipality as data: its file, checked, put into the database and taken out again."""
