"""the row policies: which rows a viewer may see, declared once for each table and enforced by PostgreSQL itself.

Knows no domain word. A model is either `@under a row policy(Row policy(...))` or `@open_table(reason, grants)`; anything else is refused when the
row policies are built, so that no table can be forgotten.
"""
