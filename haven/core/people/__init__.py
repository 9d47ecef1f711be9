"""Pupils, enrolments, contacts, households, identifiers and dated statuses."""
