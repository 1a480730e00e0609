"""Files that come with a case, and lists that leave as files."""
