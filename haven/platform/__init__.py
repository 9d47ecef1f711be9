"""Technical services that every app builds on. Nothing here knows a word of attendance or safeguarding."""
