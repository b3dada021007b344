"""Programs as tired teams write them: each whole, each bad in the ways that its story tells, and in no others.

A module holds one program and what its stack file would say: the environment, and tags if the team has any. The file
of the same name beside it lists every finding; `tests/policies/bad_programs.py` writes and compares them.
"""
