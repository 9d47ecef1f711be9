"""The file: entries that are never edited, their addenda, and tasks that come from them."""
