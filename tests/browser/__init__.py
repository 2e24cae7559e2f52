"""The report in a real browser, opened from file:// as a person opens it."""
