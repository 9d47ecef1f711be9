"""Pages of registers: load, check, one call, render."""
