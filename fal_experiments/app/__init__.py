"""One use case a module: here the shell packages meet."""
