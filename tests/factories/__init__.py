"""Makes the data of tests: schools, families, registers, a morning, class lists, files, and an installed Haven of its own."""
