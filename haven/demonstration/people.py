"""The people who sign in to the demonstration, with role and place. Tests and `haven run` use this list."""

from dataclasses import dataclass

PASSWORD = "keep-every-child-in-sight"
"""The shared password of all sign-ins of the demonstration. It is never used elsewhere."""
DOMAIN = "larkfield.example"


@dataclass(frozen=True, slots=True)
class SignIn:
    """One person. `role` is a name of rules/roles.py. `where` is a kind of school, or "all", "trust" or "authority"."""

    key: str
    email: str
    name: str
    role: str
    where: str
    job_title: str


def _sign_in(key: str, mailbox: str, name: str, role: str, where: str, job_title: str) -> SignIn:
    return SignIn(key, f"{mailbox}@{DOMAIN}", name, role, where, job_title)


SIGN_INS: tuple[SignIn, ...] = (
    _sign_in("head", "head", "Margaret Osei", "head", "secondary", "Head teacher"),
    _sign_in("attendance_officer", "officer", "Priya Nair", "attendance_officer", "secondary", "Attendance officer"),
    _sign_in("attendance_coordinator", "coordinator", "Tom Hargreaves", "attendance_coordinator", "all",
             "Attendance support co-ordinator"),
    _sign_in("family_support_worker", "family", "Samira Haddad", "family_support_worker", "secondary and primary",
             "Family support worker"),
    _sign_in("pastoral_coordinator", "pastoral", "Leanne Whitworth", "pastoral_coordinator", "all",
             "Pastoral support co-ordinator"),
    _sign_in("pupil_support_worker", "pupil-support", "Kwame Mensah", "pupil_support_worker", "secondary",
             "Pupil support worker"),
    _sign_in("dsl", "dsl", "Helen Stansfield", "dsl", "secondary", "Designated safeguarding lead"),
    _sign_in("deputy_dsl", "deputy-dsl", "Imran Qureshi", "deputy_dsl", "secondary", "Deputy designated safeguarding lead"),
    _sign_in("form_tutor", "tutor", "Gareth Pritchard", "form_tutor", "secondary", "Form tutor"),
    _sign_in("teacher_parent", "teacher", "Rebecca Ogden", "teacher", "secondary",
             "Teacher of history, and parent of a pupil at the school"),
    _sign_in("governor", "governor", "David Achebe", "governor", "secondary", "Governor for attendance and safeguarding"),
    _sign_in("trust_lead", "trust", "Catherine Lomax", "trust_lead", "trust", "Trust lead for attendance"),
    _sign_in("authority_practitioner", "authority", "Joanne Kershaw", "authority_practitioner", "authority",
             "Local authority attendance practitioner"),
    _sign_in("data_protection_officer", "data-protection", "Anil Desai", "data_protection_officer", "trust",
             "Data protection officer"),
    _sign_in("system_administrator", "administrator", "Rory Unsworth", "system_administrator", "trust",
             "System administrator"),
)  # fmt: skip


def sign_in(key: str) -> SignIn:
    """The sign-in of a key. Raises KeyError."""
    by_key = {person.key: person for person in SIGN_INS}
    return by_key[key]
