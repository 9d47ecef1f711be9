"""The demonstration: a made-up trust with its schools, families, registers and records. Nobody in it is real."""
