"""The command line: one command a module, loaded only when it is called."""
