"""Messages to families: the outbox and its delivery."""
