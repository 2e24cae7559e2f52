"""Files of a project: every path, every write. Whole or not at all, and on disk when it says so."""
