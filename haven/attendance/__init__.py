"""Registers, initial entries and amendments, planned absence, first-day response and the end of the day."""
