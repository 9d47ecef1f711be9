"""The machinery of a test run: databases, the served product, the crawl, skips, the campaign and coverage."""
