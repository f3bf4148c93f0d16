"""Measurements of the running app. They write numbers down; they never pass or fail on a clock."""
