"""Executes a plan: intent, one POST, ticket, polling, result, file; each step on the log."""
