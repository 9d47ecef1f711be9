"""Today, the pupil's page, search, and the bare front door."""
