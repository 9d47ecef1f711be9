"""No tables: Django needs the module to send this app the signal after migrations."""
