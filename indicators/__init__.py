"""What is measured and how it is judged: definitions, rates, intervals, verdicts, gaps, changes, ranks.

Pure: counts in, frames out. No database, no screen, nothing of ours is imported from outside this package.
"""
