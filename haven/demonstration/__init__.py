"""The demonstration: an invented trust with its schools, families, registers and records. None of the people are
real."""
