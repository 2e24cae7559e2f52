"""The HTML report: a folder that opens from file://, with nothing loaded from the network."""
