"""Pupils and their data. A pupil's name and class are the roll, which all staff of the school see; all other data about the child or the
family are in the attendance, pastoral or safeguarding record category of a school."""

import uuid
from dataclasses import replace

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, IntegerRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from haven.platform.row_security.access_scope import access_scope_field
from haven.platform.row_security.policies import RowPolicy, public_table, row_policy
from haven.rules.visibility import RecordCategory

PUPIL_ROW = RowPolicy(author="author_id", author_reads=False, pupil="pupil_id", write=("insert", "update"))
ROLL_ROW = RowPolicy(author="author_id", author_reads=False, pupil="pupil_id", write=("insert", "update"))


def _itself(field: str) -> models.Func:
    return models.Func(
        models.F(field), models.F(field), models.Value("[]"), function="int4range", output_field=IntegerRangeField()
    )


def _days(first: str, last: str) -> models.Func:
    """The days from the first to the last, both included; without a last day there is no end."""
    return models.Func(
        models.F(first), models.F(last), models.Value("[]"), function="daterange", output_field=DateRangeField()
    )


@row_policy(RowPolicy(access_scope=None, schools="school_ids", pupil="id", write=("insert", "update")))
class Pupil(models.Model):
    """Names as the family writes them. The `*_key` columns are folded (lower case, no accents or marks) for search and order; `names_key`
    has every current and former name, each after a blank, for a search by the first letters of any of them."""

    id = models.AutoField(primary_key=True)
    ref = models.UUIDField(default=uuid.uuid4, unique=True)
    surname = models.TextField()
    forename = models.TextField()
    middle_names = models.TextField(blank=True)
    preferred_surname = models.TextField(blank=True)
    preferred_forename = models.TextField(blank=True)
    former_names = models.TextField(blank=True)
    surname_key = models.TextField(db_index=True)
    forename_key = models.TextField(db_index=True)
    names_key = models.TextField(blank=True)
    born_on = models.DateField(null=True)
    sex = models.TextField(blank=True)
    school_ids = ArrayField(models.IntegerField(), default=list)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        # Also, `pupil_names` has the words of the names (migrations/0003_pupils_by_name.py), for sql/names.sql.
        indexes = [GinIndex(fields=["school_ids"], name="pupil_schools")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name for daily use: preferred names if there are any."""
        return f"{self.preferred_forename or self.forename} {self.preferred_surname or self.surname}"


class PupilRow(models.Model):
    """The columns that every row about one pupil carries for the row policy."""

    school = models.ForeignKey("schools.School", models.PROTECT, related_name="+")
    author_id = models.IntegerField()
    pupil = models.ForeignKey(Pupil, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


@public_table("names of classes and who takes them", ("select", "insert", "update"))
class RegistrationGroup(models.Model):
    school = models.ForeignKey("schools.School", models.PROTECT, related_name="+")
    year = models.TextField()
    name = models.TextField()
    year_group = models.TextField(blank=True)
    tutor = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    site = models.ForeignKey("schools.Site", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["school", "year", "name"], name="one_group_of_a_name")]

    def __str__(self) -> str:
        return self.name


@row_policy(replace(ROLL_ROW, hash_scopes=True))
class Enrolment(PupilRow):
    """A pupil on the roll of a school. Access scope: the roll."""

    access_scope = access_scope_field(RecordCategory.ROLL)
    ref = models.UUIDField(default=uuid.uuid4, unique=True)
    kind = models.TextField(default="single", choices=[(k, k) for k in ("single", "main", "subsidiary", "guest")])
    begins_on = models.DateField()
    ends_on = models.DateField(null=True)
    destination = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["school", "pupil"], name="enrolment_school_pupil"),
            models.Index(fields=["pupil"], name="enrolment_pupil"),
        ]
        constraints = [
            models.CheckConstraint(
                name="enrolment_ends_after_it_begins",
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("begins_on")),
            ),
            # GiST knows ranges and not plain numbers without an extension, so each number is the range of itself.
            ExclusionConstraint(
                name="enrolments_never_share_a_day",
                expressions=[
                    (_itself("pupil"), RangeOperators.OVERLAPS),
                    (_itself("school"), RangeOperators.OVERLAPS),
                    (_days("begins_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
            ),
        ]


@row_policy(ROLL_ROW)
class Placement(PupilRow):
    """The year group and class of an enrolment; a change ends one row and begins the next. Access scope: the roll."""

    access_scope = access_scope_field(RecordCategory.ROLL)
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="+")
    year = models.TextField()
    year_group = models.TextField(blank=True)
    group = models.ForeignKey(RegistrationGroup, models.PROTECT, null=True, related_name="+")
    begins_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["enrolment"], name="placement_enrolment"),
            models.Index(fields=["group"], name="placement_group"),
        ]


@row_policy(PUPIL_ROW)
class Identifier(PupilRow):
    """UPN, former, temporary and future identifiers. Access scope: attendance. Unique within a school and a kind, so that a number at
    another school cannot be guessed by trying it."""

    access_scope = access_scope_field(RecordCategory.ATTENDANCE)
    kind = models.TextField(
        choices=[(k, k) for k in ("upn", "temporary_upn", "former_upn", "uln", "consistent", "admission")]
    )
    value = models.TextField()
    scheme = models.TextField(blank=True)
    begins_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["pupil"], name="identifier_pupil")]
        constraints = [models.UniqueConstraint(fields=["school", "kind", "value"], name="one_pupil_an_identifier")]


@row_policy(PUPIL_ROW)
class PupilDetail(PupilRow):
    """Address, language, ethnicity and notes for conversations with the family. Access scope: attendance. The newest row of a pupil at a
    school is current; older ones stay."""

    access_scope = access_scope_field(RecordCategory.ATTENDANCE)
    address = models.TextField(blank=True)
    postcode = models.TextField(blank=True)
    ethnicity = models.TextField(blank=True)
    first_language = models.TextField(blank=True)
    needs_interpreter = models.BooleanField(default=False)
    nationality = models.TextField(blank=True)
    trusted_adult = models.TextField(blank=True)
    good_to_know = models.TextField(blank=True)
    author_name = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["pupil", "-id"], name="detail_pupil")]


@row_policy(PUPIL_ROW)
class Contact(PupilRow):
    """A contact, in order of priority. Access scope: attendance. A change ends the row and begins another."""

    access_scope = access_scope_field(RecordCategory.ATTENDANCE)
    ref = models.UUIDField(default=uuid.uuid4, unique=True)
    name = models.TextField()
    relationship = models.TextField(blank=True)
    priority = models.SmallIntegerField(default=9)
    telephone = models.TextField(blank=True)
    other_telephone = models.TextField(blank=True)
    email = models.TextField(blank=True)
    address = models.TextField(blank=True)
    parental_responsibility = models.BooleanField(null=True)
    lives_with_pupil = models.BooleanField(null=True)
    safe_to_contact = models.BooleanField(default=True)
    safe_contact_note = models.TextField(blank=True)
    prefers = models.TextField(
        blank=True, choices=[("", "no preference"), ("call", "call"), ("text", "text"), ("email", "email")]
    )
    language = models.TextField(blank=True)
    needs_interpreter = models.BooleanField(default=False)
    checked_on = models.DateField(null=True)
    begins_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["pupil"], name="contact_pupil")]
        ordering = ["priority", "id"]


@row_policy(RowPolicy(access_scope=None, author="author_id", write=("insert",)))
class Household(models.Model):
    """A family that lives together, across schools. Visible through its members."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True)
    author_id = models.IntegerField()
    recorded_at = models.DateTimeField(auto_now_add=True)


@row_policy(PUPIL_ROW)
class HouseholdMember(PupilRow):
    """A pupil of a household, one row for each school the pupil is at. Access scope: attendance."""

    access_scope = access_scope_field(RecordCategory.ATTENDANCE)
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["household"], name="household_members"),
            models.Index(fields=["pupil"], name="household_pupil"),
        ]
        constraints = [models.UniqueConstraint(fields=["household", "pupil", "school"], name="once_in_a_household")]


@row_policy(PUPIL_ROW)
class Status(PupilRow):
    """A dated status (SEN, EHCP, child protection, looked after, young carer, ...), with source and review date. Its access scope is the
    record category that the kind's definition names: a child protection plan is in the safeguarding category."""

    record_category = models.SmallIntegerField()
    access_scope = access_scope_field()
    ref = models.UUIDField(default=uuid.uuid4, unique=True)
    kind = models.TextField()
    detail = models.TextField(blank=True)
    source = models.TextField()
    fields = models.JSONField(default=dict, db_default={})
    """Answers to the fields of the kind's definition, by key; days as ISO dates."""
    begins_on = models.DateField()
    ends_on = models.DateField(null=True)
    review_on = models.DateField(null=True)
    listing_ref = models.UUIDField(null=True)
    """The entry of the vulnerable pupils list that belongs to this status; the entry itself does not name its status."""
    author_name = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["pupil"], name="status_pupil")]


@row_policy(PUPIL_ROW)
class VulnerableListing(PupilRow):
    """An entry of the vulnerable pupils list: the priority, and the instruction if the pupil is missing. It never gives the cause, so that
    users who make calls need not know more. Access scope: attendance."""

    access_scope = access_scope_field(RecordCategory.ATTENDANCE)
    ref = models.UUIDField(default=uuid.uuid4, unique=True)
    priority = models.SmallIntegerField()
    instruction = models.TextField(blank=True)
    instruction_due = models.TimeField(null=True)
    begins_on = models.DateField()
    ends_on = models.DateField(null=True)
    author_name = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["pupil"], name="listing_pupil"),
            models.Index(fields=["access_scope"], name="listing_access_scope"),
        ]
