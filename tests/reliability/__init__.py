"""The reliability rig: what kamsync promises about writing, tried under faults and told in figures.

Each part is a module `part_*.py`; see `part.py` for what it must have. `python -m tests.reliability` runs them.
"""
