"""The record of who did or saw what, about what, and why: append-only, sealed in a chain of blocks."""
