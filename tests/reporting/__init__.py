"""The report as files and as pure functions, without a browser."""
