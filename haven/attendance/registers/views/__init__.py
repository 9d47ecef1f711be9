"""Views of registers. Each loads, checks, makes one call and renders."""
