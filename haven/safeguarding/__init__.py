"""Concerns: raised by anyone, seen by the safeguarding lead alone."""
