"""Operations: the embedded database, backup and restore, processes, and the `haven` command."""
