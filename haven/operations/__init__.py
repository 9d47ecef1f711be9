"""The roof: settings, the database's door, web and job entry points, and the `haven` command."""
