"""Registers: initial entries, amendments with their reasons, and the current state (sheets), which can be rebuilt from the other two; and
planned absence. All rows are in the attendance record category of a school.

People who wrote or decided are plain integers, and rows beside a sheet have no constraint of their own: decision 0017 says why."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models

from haven.platform.row_security.access_scope import access_scope_field
from haven.platform.row_security.policies import RowPolicy, public_table, row_policy
from haven.rules.visibility import RecordCategory

PUPIL_ROW = RowPolicy(author="author_id", author_reads=False, pupil="pupil_id", write=("insert",))
SCHOOL_ROW = RowPolicy(author="author_id", write=("insert",))


class RegisterRow(models.Model):
    """The columns that every row about one pupil's register carries for the row policy."""

    school = models.ForeignKey("schools.School", models.PROTECT, related_name="+")
    access_scope = access_scope_field(RecordCategory.ATTENDANCE)
    author_id = models.IntegerField()
    pupil = models.ForeignKey("people.Pupil", models.PROTECT, related_name="+")

    class Meta:
        abstract = True


class SheetRow(models.Model):
    """A row that belongs to a register row and carries its school and pupil for the row policy. A trigger checks once for
    each statement (sql/registers.sql) that these are equal, and not for each row: a file brings hundreds of thousands."""

    school = models.ForeignKey("schools.School", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    access_scope = access_scope_field(RecordCategory.ATTENDANCE)
    author_id = models.IntegerField()
    pupil = models.ForeignKey("people.Pupil", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    sheet = models.ForeignKey("registers.Sheet", models.PROTECT, related_name="+", db_index=False)

    class Meta:
        abstract = True


@row_policy(
    RowPolicy(
        author="author_id",
        author_reads=False,
        pupil="pupil_id",
        hash_scopes=True,
        write=("insert", "update"),
        columns=("marks", "calendar_id", "version"),
    )
)
class Sheet(RegisterRow):
    """One enrolment and one academic year: one byte for each session of the calendar (bytes of rules/attendance_codes, '.' = missing)."""

    school = models.ForeignKey("schools.School", models.PROTECT, related_name="+", db_index=False)
    enrolment = models.ForeignKey("people.Enrolment", models.PROTECT, related_name="+", db_index=False)
    year = models.TextField()
    calendar = models.ForeignKey("schools.Calendar", models.PROTECT, related_name="+")
    marks = models.BinaryField()
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["enrolment", "year"], name="one_sheet_a_year")]
        indexes = [models.Index(fields=["school", "year"], name="sheet_school_year")]


@row_policy(PUPIL_ROW)
class InitialEntry(SheetRow):
    """Initial entries: the codes of a run of sessions of the calendar, '.' where this entry has none."""

    calendar = models.ForeignKey(
        "schools.Calendar", models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    first = models.IntegerField()
    codes = models.BinaryField()
    source = models.TextField()
    import_ref = models.UUIDField(null=True, db_index=True)
    author_name = models.TextField()
    taken_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["sheet"], name="take_sheet")]


@row_policy(PUPIL_ROW)
class MarkAmendment(SheetRow):
    """A changed mark: original, amended, why, who and when (reg. 10 of SI 2024/208 and the rule before it)."""

    on = models.DateField()
    half = models.CharField(max_length=2)
    original = models.CharField(max_length=2, blank=True)
    amended = models.CharField(max_length=2, blank=True)
    reason = models.TextField()
    import_ref = models.UUIDField(null=True, db_index=True)
    correction_ref = models.UUIDField(null=True)
    author_name = models.TextField()
    author_role = models.TextField(blank=True)
    amended_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["sheet"], name="amendment_sheet"),
            models.Index(fields=["school", "pupil"], name="amendment_school_pupil"),
        ]


@row_policy(PUPIL_ROW)
class MarkNote(SheetRow):
    """Minutes late or a comment beside a mark."""

    on = models.DateField()
    half = models.CharField(max_length=2)
    minutes_late = models.SmallIntegerField(null=True)
    comment = models.TextField(blank=True)
    author_name = models.TextField()
    noted_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["sheet"], name="mark_note_sheet"),
            models.Index(fields=["school", "on"], name="mark_note_school_day"),
        ]


@row_policy(
    RowPolicy(
        author="author_id",
        write=("insert", "update"),
        columns=("decided_at", "decided_by_id", "decided_by_name", "decision", "decision_reason"),
    )
)
class BulkCorrection(models.Model):
    """Many marks to be changed at once: proposed by one person, approved or refused by another."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True)
    school = models.ForeignKey("schools.School", models.PROTECT, related_name="+")
    access_scope = access_scope_field(RecordCategory.ATTENDANCE)
    author_id = models.IntegerField()
    author_name = models.TextField()
    proposed_at = models.DateTimeField()
    reason = models.TextField()
    code = models.CharField(max_length=2)
    items = models.JSONField()
    decision = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by_id = models.IntegerField(null=True)
    decided_by_name = models.TextField(blank=True)
    decision_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_second_person_decides",
                condition=models.Q(decided_by_id__isnull=True) | ~models.Q(decided_by_id=models.F("author_id")),
            )
        ]


@public_table(
    "a counter that tells an open page that something changed at its school; says nothing of what",
    ("select", "insert", "update"),
)
class ChangeCounter(models.Model):
    """Incremented by each action of the day, so that users of one list see each other's changes."""

    school_id = models.IntegerField(primary_key=True)
    counter = models.BigIntegerField(default=0)


@public_table("that something in the registers of a school has changed; says nothing of what", ("select",))
class RegisterVersion(models.Model):
    """Version tokens of a school's registers, inserted by triggers (sql/register_version.sql) when its sheets, enrolments or calendars change.
    The same tokens mean the same registers: they are random, so values never repeat, even after a restore."""

    id = models.UUIDField(primary_key=True, db_default=RandomUUID())
    school_id = models.IntegerField(db_index=True)


@row_policy(
    RowPolicy(
        author="author_id",
        author_reads=False,
        pupil="pupil_id",
        write=("insert", "update"),
        columns=("withdrawn_at", "withdrawn_by_name"),
    )
)
class PlannedAbsence(RegisterRow):
    """A planned absence: a code over a range of sessions."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True)
    first_key = models.IntegerField()
    last_key = models.IntegerField()
    code = models.CharField(max_length=2)
    reason = models.TextField()
    author_name = models.TextField()
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by_name = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["school", "last_key"], name="planned_school")]
