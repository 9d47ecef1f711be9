"""Measuring, side by side, in one run: `haven bench`. See docs/how-to/measure.md."""
