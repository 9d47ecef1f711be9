"""Queries on registers. Each query filters by school or pupil; the row policy decides which of those rows the user sees."""
