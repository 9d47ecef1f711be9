"""What people type into registers, read and checked; nothing is saved here."""
