"""Files from other systems: read, checked, previewed, applied."""
