"""Which codes may stand in a register, what each means, and between which dates?

The national table of attendance and absence codes as dated data. Sources:

* School Attendance (Pupil Registration) (England) Regulations 2024, SI 2024/208, regulation 10, Tables 1 to 3,
  in force from 19 August 2024;
* Working together to improve school attendance (statutory from 19 August 2024);
* the Department for Education's published counts by code ("Pupil attendance in schools"), whose columns fix the
  class of every code; local-authority pages where they restate the guidance. Wording that could not be checked
  against the primary text is the field's usual wording, and is guidance for people, never input to a sum.

`questions` are asked in the code picker: the code fits when every answer is yes.
`byte` is the one ASCII character that stands for the code in a packed register sheet: a one-character code is its own
byte, a two-character code has a lower-case letter or a digit. A byte, once given, is never given again.
"""

from dataclasses import dataclass
from datetime import date
from enum import Enum

REGULATIONS_2024 = date(2024, 8, 19)
"""First day of the 2024 Regulations and of the codes that came with them."""
LAST_DAY_OF_2006_CODES = date(2024, 8, 18)


class Class(Enum):
    """What a mark counts as. The values are stable: outside checks and exports rely on them."""

    PRESENT = "present"
    APPROVED_ACTIVITY = "approved_activity"
    AUTHORISED = "authorised"
    UNAUTHORISED = "unauthorised"
    NOT_POSSIBLE = "not_possible"


PRESENT, ACTIVITY = Class.PRESENT, Class.APPROVED_ACTIVITY
AUTHORISED, UNAUTHORISED, NOT_POSSIBLE = Class.AUTHORISED, Class.UNAUTHORISED, Class.NOT_POSSIBLE


@dataclass(frozen=True, slots=True)
class Code:
    """One code. `valid_from` and `valid_to` are inclusive; None means no known start, or still in force."""

    symbol: str
    byte: str
    name: str
    classed: Class
    meaning: str
    guidance: str
    questions: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    half: str | None = None
    """"AM" or "PM" where the code may stand in that session only."""
    remark: str = ""

    def is_in_force(self, on: date) -> bool:
        """Whether the code may stand in a register dated `on`."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)


OF_AGE = "Is the pupil of compulsory school age?"
SUPERVISED = "Is somebody suitable supervising the pupil in person?"
UNAVOIDABLE = "Is the pupil unable to come because of this, and for no other reason?"
LEAVE = "Did the head, or somebody acting for the head, grant the leave before it began?"
NEW = REGULATIONS_2024
OLD = LAST_DAY_OF_2006_CODES

CODES: tuple[Code, ...] = (
    # Table 1: attending school
    Code(
        "/",
        "/",
        "Present in the morning",
        PRESENT,
        "Here when the morning register was taken.",
        "Present in school during registration, morning session.",
        ("Is the pupil in school now?", "Is this the morning session?"),
        half="AM",
    ),
    Code(
        "\\",
        "\\",
        "Present in the afternoon",
        PRESENT,
        "Here when the afternoon register was taken.",
        "Present in school during registration, afternoon session.",
        ("Is the pupil in school now?", "Is this the afternoon session?"),
        half="PM",
    ),
    Code(
        "L",
        "L",
        "Late, before the register closed",
        PRESENT,
        "Came after the register began, before it closed.",
        "Absent when the register began to be taken, attended before the taking of it ended.",
        ("Did the pupil arrive before the register closed?",),
    ),
    # Table 2: attending somewhere else
    Code(
        "K",
        "K",
        "Education arranged by the local authority",
        ACTIVITY,
        "At education that the local authority arranged, not at a school where the pupil is registered.",
        "Provision under section 19(1) Education Act 1996 or section 42(2) or 61(1) Children and Families Act 2014.",
        ("Did the local authority, not the school, arrange it?", "Did the pupil attend it this session?"),
        valid_from=NEW,
    ),
    Code(
        "V",
        "V",
        "Educational visit or trip",
        ACTIVITY,
        "On a visit or trip of the school.",
        "Arranged by or for the school, and supervised by a member of its staff.",
        ("Did the school arrange the visit?", "Is a member of the school's staff supervising?"),
    ),
    Code(
        "P",
        "P",
        "Approved sporting activity",
        ACTIVITY,
        "At a sporting activity that the school approved.",
        "An approved educational activity, supervised by a suitable person.",
        ("Did the school approve it as educational?", SUPERVISED),
    ),
    Code(
        "W",
        "W",
        "Work experience",
        ACTIVITY,
        "On work experience as part of education.",
        "Work experience under arrangements made by or for the school.",
        ("Did the school or the authority arrange the placement?", "Did the pupil attend it this session?"),
    ),
    Code(
        "B",
        "B",
        "Any other approved educational activity",
        ACTIVITY,
        "At another approved educational activity, with a suitable person supervising. Say what it is.",
        "Supervised by a suitable person; study at home or on line without supervision is absence.",
        ("Did the school approve it as educational?", SUPERVISED, "Did the pupil attend it this session?"),
        remark="Until 18 August 2024: educated off site.",
    ),
    Code(
        "D",
        "D",
        "Dual registered, at the other school",
        NOT_POSSIBLE,
        "Expected at the other school where the pupil is registered, which records the session.",
        "Not expected here because of attending another school where dually registered.",
        ("Is the pupil on the roll of another school?", "Is the pupil expected there for this session?"),
        remark="If the pupil does not arrive there, that school's register shows the absence: ask it.",
    ),
    # Table 3: leave and other authorised absence
    Code(
        "C1",
        "a",
        "Leave: performance or employment abroad",
        AUTHORISED,
        "Leave for a licensed performance, or for regulated employment abroad.",
        "Leave for a regulated performance or regulated employment abroad.",
        (OF_AGE, "Is there a licence, an exemption or a justice's authority?"),
        valid_from=NEW,
    ),
    Code(
        "M",
        "M",
        "Medical or dental appointment",
        AUTHORISED,
        "Away for a medical or dental appointment.",
        "Leave of absence for a medical or dental appointment.",
        ("Does the appointment fall in this session?", "Was the school told of it?"),
    ),
    Code(
        "J1",
        "j",
        "Leave: interview",
        AUTHORISED,
        "Leave for an interview for a job or another place of education.",
        "Leave to attend an interview for employment or for admission to another educational institution.",
        ("Is there an invitation to the interview?", LEAVE),
        valid_from=NEW,
    ),
    Code(
        "S",
        "S",
        "Leave: study for a public examination",
        AUTHORISED,
        "Study leave for a public examination.",
        "Leave to study for a public examination.",
        ("Is the pupil entered for a public examination?", LEAVE),
    ),
    Code(
        "X",
        "X",
        "Not of compulsory school age, not required to attend",
        NOT_POSSIBLE,
        "Below or above compulsory school age, and not timetabled for this session.",
        "For pupils who are not of compulsory school age only; otherwise a part-time timetable is C2.",
        ("Is the pupil below or above compulsory school age?", "Is the session outside the pupil's timetable?"),
        remark="Autumn 2020 to March 2022 also: not attending because of coronavirus.",
    ),
    Code(
        "C2",
        "c",
        "Leave: part-time timetable",
        AUTHORISED,
        "A session that an agreed, temporary part-time timetable releases.",
        "Pupil of compulsory school age on a temporary, reduced timetable agreed with the parent.",
        (OF_AGE, "Does a timetable that the parent agreed to release this session?", "Is its end date still ahead?"),
        valid_from=NEW,
    ),
    Code(
        "C",
        "C",
        "Leave: exceptional circumstances",
        AUTHORISED,
        "Leave that the school granted, exceptionally.",
        "Leave of absence granted at the school's discretion in exceptional circumstances.",
        (LEAVE, "Are the circumstances exceptional?"),
        remark="Until 18 August 2024 it also covered C1 and C2.",
    ),
    Code(
        "T",
        "T",
        "Parent travelling for work",
        AUTHORISED,
        "The family has no fixed home while the parent travels for work, and the pupil travels with them.",
        "Mobile child whose parent travels in the course of trade or business.",
        ("Does the parent's work require travelling from place to place?", "Is the pupil travelling with them?"),
        remark="Redefined on 19 August 2024 by the parent's work.",
    ),
    Code(
        "R",
        "R",
        "Religious observance",
        AUTHORISED,
        "A day set apart by the religious body the parents belong to.",
        "Taking part in a day set apart for religious observance by the parents' religious body.",
        ("Has the parents' religious body set this day apart?",),
    ),
    Code(
        "I",
        "I",
        "Illness",
        AUTHORISED,
        "Ill, in body or mind; not an appointment.",
        "Unable to attend because of illness (not a medical or dental appointment).",
        ("Has the parent said that the pupil is ill?", "Is it something other than an appointment?"),
        remark="Counts towards the sickness return at 15 school days.",
    ),
    Code(
        "E",
        "E",
        "Suspended or excluded, no provision made",
        AUTHORISED,
        "Suspended or permanently excluded, and no other education has been arranged.",
        "From the sixth school day other education is due; then the code of that provision fits.",
        ("Is a suspension or an exclusion in force this session?", "Is no other education arranged for it?"),
    ),
    Code(
        "Q",
        "Q",
        "No access arrangements by the authority",
        NOT_POSSIBLE,
        "Cannot come because the local authority has not made the travel arrangement that it owes.",
        "Unable to attend because of a lack of access arrangements.",
        ("Does the local authority owe the pupil transport?", UNAVOIDABLE),
        valid_from=NEW,
    ),
    Code(
        "Y1",
        "1",
        "Transport normally provided is not available",
        NOT_POSSIBLE,
        "The school's or the authority's transport did not run, and home is too far to walk.",
        "Transport normally provided not being available.",
        ("Does the school or the authority normally provide the transport?", UNAVOIDABLE),
        valid_from=NEW,
    ),
    Code(
        "Y2",
        "2",
        "Widespread disruption to travel",
        NOT_POSSIBLE,
        "An emergency has disrupted travel widely.",
        "Widespread disruption to travel caused by a local, national or international emergency.",
        ("Is travel disrupted for many people?", UNAVOIDABLE),
        valid_from=NEW,
    ),
    Code(
        "Y3",
        "3",
        "Part of the premises closed",
        NOT_POSSIBLE,
        "The part of the school the pupil uses is shut.",
        "Part of the school premises being closed or out of use.",
        ("Is that part of the school closed to the pupil?", UNAVOIDABLE),
        valid_from=NEW,
    ),
    Code(
        "Y4",
        "4",
        "Whole site unexpectedly closed",
        NOT_POSSIBLE,
        "The whole school closed without warning.",
        "The whole school site being unexpectedly closed.",
        ("Was the school due to be open this session?",),
        valid_from=NEW,
    ),
    Code(
        "Y5",
        "5",
        "In criminal justice detention",
        NOT_POSSIBLE,
        "In custody, or otherwise detained by law.",
        "Pupil in criminal justice detention.",
        (UNAVOIDABLE,),
        valid_from=NEW,
    ),
    Code(
        "Y6",
        "6",
        "Public health guidance or law",
        NOT_POSSIBLE,
        "Public health guidance or law says that the pupil may not come.",
        "Attendance contrary to public health guidance or law on infection.",
        ("Does guidance or law in force say the pupil must stay away?", UNAVOIDABLE),
        valid_from=NEW,
    ),
    Code(
        "Y7",
        "7",
        "Any other unavoidable cause",
        NOT_POSSIBLE,
        "Another unavoidable cause that affects the pupil, not only the parent. Say what it is.",
        "Any other unavoidable cause; it must affect the pupil.",
        (UNAVOIDABLE,),
        valid_from=NEW,
    ),
    # Table 3: unauthorised absence
    Code(
        "G",
        "G",
        "Holiday not granted",
        UNAUTHORISED,
        "On holiday without leave, or longer than the leave.",
        "Holiday not granted by the school or in excess of the period granted.",
        ("Is the pupil on holiday?", "Was leave refused, not asked for, or is it over?"),
    ),
    Code(
        "N",
        "N",
        "Reason not yet known",
        UNAUTHORISED,
        "Absent, and nobody knows why yet.",
        "To be replaced within five school days by the code that fits.",
        ("Is the pupil absent?", "Is the reason still being looked for?"),
    ),
    Code(
        "O",
        "O",
        "Absent in other or unknown circumstances",
        UNAUTHORISED,
        "Absent without a reason that the school can accept, or the reason was never found.",
        "Absent in other or unknown circumstances.",
        ("Does no other code fit?",),
    ),
    Code(
        "U",
        "U",
        "Arrived after the register closed",
        UNAUTHORISED,
        "Came before the session ended, but after the register closed: an unauthorised absence.",
        "Arrived after registration closed, where no other code applies.",
        ("Did the pupil arrive after the register closed?", "Does no other code explain the absence?"),
    ),
    # Administrative
    Code(
        "Z",
        "Z",
        "Not yet on the roll",
        NOT_POSSIBLE,
        "A pupil who will join; not on the admission register yet.",
        "Prospective pupil not on the admission register.",
        ("Is the pupil still to be admitted?",),
    ),
    Code(
        "#",
        "#",
        "Planned closure",
        NOT_POSSIBLE,
        "The school, or this pupil's part of it, is closed as planned.",
        "Planned whole or partial school closure: holidays, training days, polling.",
        ("Was the closure planned?",),
    ),
    # Codes of older years
    Code(
        "H",
        "H",
        "Holiday granted",
        AUTHORISED,
        "Holiday that the school granted.",
        "Authorised holiday; withdrawn on 19 August 2024.",
        valid_to=OLD,
    ),
    Code(
        "F",
        "F",
        "Extended family holiday granted",
        AUTHORISED,
        "Agreed extended family holiday.",
        "Withdrawn about 2013; the day of withdrawal here is the end of that academic year.",
        valid_to=date(2013, 8, 31),
    ),
    Code(
        "J",
        "J",
        "Interview",
        ACTIVITY,
        "At an interview; counted as attendance then.",
        "Counted as an approved educational activity until 18 August 2024; then J1, an absence.",
        valid_to=OLD,
    ),
    Code(
        "Y",
        "Y",
        "Unable to attend, exceptional circumstances",
        NOT_POSSIBLE,
        "Could not come; now Y1 to Y7.",
        "Unable to attend due to exceptional circumstances; split into Y1 to Y7 on 19 August 2024.",
        valid_to=OLD,
    ),
)
"""Every code that Haven knows, in the order of a picker: here, elsewhere, absent with and without leave, closed."""
