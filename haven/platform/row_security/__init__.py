"""Row policies: which rows a user may see, declared once for each table and enforced by PostgreSQL.

No domain terms here. A model has either `@row_policy(RowPolicy(...))` or `@public_table(reason, grants)`. The build refuses a model with
neither, so that no table can be forgotten.
"""
