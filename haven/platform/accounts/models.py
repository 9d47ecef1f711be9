"""Accounts, the role of each person at each school, caseloads, and conflicts of interest."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from haven.platform.row_security.access_scope import access_scope_field
from haven.platform.row_security.policies import RowPolicy, public_table, row_policy
from haven.rules.visibility import RecordCategory


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, name: str, password: str | None = None, **extra: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), name=name, **extra)
        user.set_password(password)
        user.save()
        return user


@public_table("names of staff and how they sign in; read before it is known who looks", ("select", "insert", "update"))
class User(AbstractBaseUser):
    id = models.AutoField(primary_key=True)
    email = models.EmailField(unique=True)
    name = models.TextField()
    job_title = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = False
    is_superuser = False
    is_service = models.BooleanField(default=False)
    joined_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False


@public_table("what each role may see and write, from rules/visibility.py", ("select",))
class RoleGrant(models.Model):
    role = models.TextField()
    record_category = models.SmallIntegerField()
    scope = models.TextField()
    may_write = models.BooleanField()


@public_table("who works where as what; shown to everyone on the staff", ("select", "insert", "update"))
class Membership(models.Model):
    """One role at one school, or across a trust or an authority, with dates. A person who works at several schools has several rows."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    role = models.TextField()
    school = models.ForeignKey("schools.School", models.PROTECT, null=True, related_name="+")
    trust = models.ForeignKey("schools.Trust", models.PROTECT, null=True, related_name="+")
    local_authority = models.ForeignKey("schools.LocalAuthority", models.PROTECT, null=True, related_name="+")
    line_manager = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    begins_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user"], name="membership_user")]
        constraints = [
            models.CheckConstraint(
                name="membership_is_somewhere",
                condition=models.Q(role="service")
                | models.Q(school__isnull=False)
                | models.Q(trust__isnull=False)
                | models.Q(local_authority__isnull=False),
            )
        ]


@row_policy(RowPolicy(author="author_id", addressee="user_id", write=("insert", "update"), columns=("ends_on",)))
class Allocation(models.Model):
    """A pupil on a user's caseload. The user sees the row, and so does everyone who may read its access scope."""

    user_id = models.IntegerField()
    school = models.ForeignKey("schools.School", models.PROTECT, related_name="+")
    access_scope = access_scope_field(RecordCategory.ATTENDANCE)
    author_id = models.IntegerField()
    pupil_id = models.IntegerField()
    reason = models.TextField(blank=True)
    begins_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user_id"], name="allocation_user")]


@row_policy(RowPolicy(author="author_id", addressee="user_id", write=("insert", "update"), columns=("ends_on",)))
class Conflict(models.Model):
    """A conflict of interest of a member of staff who is parent, relative or subject: no access to this child's records while it lasts."""

    user_id = models.IntegerField()
    school = models.ForeignKey("schools.School", models.PROTECT, related_name="+")
    access_scope = access_scope_field(RecordCategory.SAFEGUARDING)
    author_id = models.IntegerField()
    pupil_id = models.IntegerField()
    kind = models.TextField(choices=[(k, k) for k in ("parent", "relative", "subject", "declared")])
    begins_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user_id"], name="conflict_user")]
