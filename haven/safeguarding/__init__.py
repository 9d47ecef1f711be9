"""Concerns: anyone on the staff raises them, only the safeguarding leads see them."""
