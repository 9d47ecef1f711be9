"""Forms of registers: they read and validate, and never save."""
