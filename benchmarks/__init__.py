"""Measuring, side by side, in one run: `python -m benchmarks`. See docs/how-to/measure.md."""
