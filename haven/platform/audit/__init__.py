"""The record of who did or saw what, about what, and why: append-only, with checkpoints in a hash chain."""
