"""Today, the pupil's page, search, and the landing page."""
