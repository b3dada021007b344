"""Environments: the one schema of a stack file, and the stack files."""
