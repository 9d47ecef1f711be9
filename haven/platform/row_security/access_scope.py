"""The column `access_scope` of tables with a row policy. PostgreSQL computes it from the row's school and record category, so no insert,
COPY or import writes it, and it cannot differ from them."""

from django.db import models
from django.db.models import Expression, F, Value
from django.db.models.functions import Coalesce

from haven.rules.visibility import CATEGORIES_PER_SCHOOL, RecordCategory


def access_scope_field(record_category: RecordCategory | None = None) -> models.GeneratedField:
    """A stored generated column. `record_category`: the category of all rows of the table; None if the table has a column of that name."""
    return _generated(_scope(record_category))


def access_scope_of_school_or_none(record_category: RecordCategory) -> models.GeneratedField:
    """The same for a table whose rows may belong to no school: those have access scope 0, which no role opens."""
    return _generated(Coalesce(_scope(record_category), Value(0)))


def _scope(record_category: RecordCategory | None) -> Expression:
    category = F("record_category") if record_category is None else Value(int(record_category))
    return F("school_id") * CATEGORIES_PER_SCHOOL + category


def _generated(expression: Expression) -> models.GeneratedField:
    return models.GeneratedField(expression=expression, output_field=models.IntegerField(), db_persist=True)
