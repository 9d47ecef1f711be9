"""The file: entries that are never edited, their addenda, and the tasks that grow out of them."""
