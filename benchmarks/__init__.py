"""Benchmarks that compare versions of one task in one run: `python -m benchmarks`. See docs/how-to/measure.md."""
