"""Technical services that every app builds on. No domain terms of attendance or safeguarding here."""
