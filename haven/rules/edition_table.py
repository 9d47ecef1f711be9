"""The table of editions of statutory guidance, enacted law that is not in force, and unsettled points.

Each entry has its dates, its source and how well it was checked (`Check`). An edition ends on the day before the next
one begins. Anything not read in the primary text is data here, marked LIKELY or NOT_FOUND, and never a condition in
code. The public material was read on 30 November 2026. `haven.rules.editions` answers questions about the table.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

AN_EDITION = "dates read in two or more independent public texts; contents not read in full"


class Check(StrEnum):
    """How well an entry was checked."""

    VERIFIED = "verified"
    LIKELY = "likely"
    NOT_FOUND = "not found"


@dataclass(frozen=True, slots=True)
class Guidance:
    """A guidance document by its id and its title, as people cite it; `also` lists other spellings of the title."""

    id: str
    title: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of a guidance document. `begins_on` None: the first day is not known; `ends_on` None: still in force."""

    guidance: str
    edition: str
    begins_on: date | None
    ends_on: date | None
    is_statutory: bool
    source: str
    check: Check
    contents: Check
    """How well the contents were checked: an edition may certainly exist and still be unread."""


@dataclass(frozen=True, slots=True)
class Provision:
    """A provision of an Act. `begins_on` None: enacted, without a known day of commencement, so not in force."""

    id: str
    title: str
    act: str
    begins_on: date | None
    source: str
    check: Check
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer that a rule needs from guidance, between two days. `value` None: no answer was found, and the rule
    stays off."""

    id: str
    question: str
    value: str | None
    begins_on: date
    ends_on: date | None
    guidance: str
    source: str
    check: Check


GUIDANCE = (
    Guidance("kcsie", "Keeping children safe in education", ("KCSIE",)),
    Guidance("working_together", "Working together to safeguard children", ("Working Together to Safeguard Children",)),
    Guidance("attendance", "Working together to improve school attendance"),
    Guidance("suspension", "Suspension and permanent exclusion guidance", ("Suspension and permanent exclusion",)),
    Guidance("restrictive", "Restrictive interventions, including use of reasonable force, in schools", ("Use of reasonable force",)),
    Guidance("information_sharing", "Information sharing: advice for safeguarding practitioners"),
)  # fmt: skip

EDITIONS = (
    Edition("kcsie", "2024", date(2024, 9, 2), date(2025, 8, 31), True, "GOV.UK, edition of 2 September 2024",
            Check.VERIFIED, Check.LIKELY),
    Edition("kcsie", "2025", date(2025, 9, 1), date(2026, 8, 31), True, "GOV.UK, edition of 1 September 2025",
            Check.VERIFIED, Check.VERIFIED),
    Edition("kcsie", "2026", date(2026, 9, 1), None, True, AN_EDITION, Check.VERIFIED, Check.LIKELY),
    Edition("working_together", "2023", date(2023, 12, 15), date(2026, 3, 17), True,
            "GOV.UK, edition of 15 December 2023", Check.VERIFIED, Check.LIKELY),
    Edition("working_together", "2026", date(2026, 3, 18), None, True, AN_EDITION, Check.VERIFIED, Check.NOT_FOUND),
    Edition("attendance", "August 2024", date(2024, 8, 19), date(2026, 7, 8), True,
            "GOV.UK, statutory from 19 August 2024", Check.VERIFIED, Check.VERIFIED),
    Edition("attendance", "July 2026", date(2026, 7, 9), None, True,
            "GOV.UK page of 9 July 2026; begins on its publication day, no other day was found", Check.VERIFIED,
            Check.LIKELY),
    Edition("suspension", "September 2023", date(2023, 9, 1), date(2026, 7, 25), True,
            "GOV.UK, edition of 1 September 2023", Check.VERIFIED, Check.LIKELY),
    Edition("suspension", "July 2026", date(2026, 7, 26), None, True,
            "law firm's note of 27 May 2026 and a second text: applies from 26 July 2026", Check.VERIFIED, Check.LIKELY),
    Edition("restrictive", "2013", None, date(2026, 3, 31), False, "GOV.UK, advice of July 2013, replaced",
            Check.VERIFIED, Check.LIKELY),
    Edition("restrictive", "April 2026", date(2026, 4, 1), None, True,
            "two law firms' notes: the part on recording and reporting is statutory, the rest is not", Check.VERIFIED,
            Check.LIKELY),
    Edition("information_sharing", "2024", None, date(2026, 9, 9), False, "GOV.UK, advice of 2024; first day not read",
            Check.LIKELY, Check.LIKELY),
    Edition("information_sharing", "2026", date(2026, 9, 10), None, True,
            "a public text: statutory, updated 10 September 2026", Check.LIKELY, Check.NOT_FOUND),
)  # fmt: skip

_CWSA, _CPA = "Children's Wellbeing and Schools Act 2026 (c. 21)", "Crime and Policing Act 2026 (c. 20)"
_BY_REGULATIONS = "section 78(5): on a day that regulations appoint; none were found"

PROVISIONS = (
    Provision("cpa2026_s85", "Duty to report suspected child sex offences", f"{_CPA}, section 85", None,
              "marked prospective in the published text; not in the first commencement regulations of 25 June 2026",
              Check.VERIFIED, "Day of commencement: not found."),
    Provision("ca2004_s16la", "Duty to share information about a child", "Children Act 2004, section 16LA", None,
              _BY_REGULATIONS, Check.VERIFIED, "Inserted by section 4 of the 2026 Act. Aim: 2027 (likely)."),
    Provision("ca2004_s16lb", "Information sharing: supplementary", "Children Act 2004, section 16LB", None,
              _BY_REGULATIONS, Check.VERIFIED, "Inserted by section 4 of the 2026 Act. Aim: 2027 (likely)."),
    Provision("ca2004_s16lc", "Consistent identifier for each child", "Children Act 2004, section 16LC", None,
              _BY_REGULATIONS, Check.VERIFIED,
              "Inserted by section 4 of the 2026 Act. Regulations by the end of this Parliament (likely)."),
    Provision("ca2004_s16ld", "Consistent identifier: supplementary", "Children Act 2004, section 16LD", None,
              _BY_REGULATIONS, Check.VERIFIED, "Inserted by section 4 of the 2026 Act."),
    Provision("cwsa2026_s1", "Offer of a family group decision-making meeting", f"{_CWSA}, section 1", None,
              _BY_REGULATIONS, Check.VERIFIED, "A duty of local authorities."),
    Provision("cwsa2026_s2", "Education agencies in safeguarding arrangements", f"{_CWSA}, section 2", None,
              _BY_REGULATIONS, Check.VERIFIED),
    Provision("cwsa2026_s3", "Multi-agency child protection teams", f"{_CWSA}, section 3", None,
              _BY_REGULATIONS, Check.LIKELY, "Aim: 2027 (likely)."),
    *(
        Provision(f"cwsa2026_s{number}", "Children not in school", f"{_CWSA}, section {number}", None,
                  _BY_REGULATIONS, Check.VERIFIED, "Expected from late 2026 into 2027 (likely).")
        for number in range(37, 43)
    ),
    Provision("cwsa2026_s5", "Local offer for kinship care", f"{_CWSA}, section 5", date(2026, 6, 29),
              "section 78(2): two months after Royal Assent on 29 April 2026", Check.VERIFIED),
    Provision("eia2006_s93a", "Recording and reporting of significant force, seclusion and restraint",
              "Education and Inspections Act 2006, section 93A, and the regulations of 2025", date(2026, 4, 1),
              "law firm's note and a legislation tracker", Check.VERIFIED),
)  # fmt: skip

READINGS = (
    Reading("separation_code", "Which attendance code is entered for a session of a safeguarding separation?", None,
            date(2026, 7, 26), None, "suspension", "no code is named in what could be read; never E", Check.NOT_FOUND),
    Reading("part_one_in_full", "Does every member of staff read Part One in full, for each edition?", "no",
            date(2025, 9, 1), date(2026, 8, 31), "kcsie",
            "the 2025 edition lets staff who do not work directly with children read annex A instead", Check.LIKELY),
    Reading("part_one_in_full", "Does every member of staff read Part One in full, for each edition?", "yes",
            date(2026, 9, 1), None, "kcsie", "two public texts of one product, and the draft of February 2026",
            Check.LIKELY),
    Reading("lead_role", "Where does the guidance describe the role of the designated safeguarding lead?", "annex C",
            date(2024, 9, 2), date(2026, 8, 31), "kcsie", "editions 2024 and 2025", Check.LIKELY),
    Reading("lead_role", "Where does the guidance describe the role of the designated safeguarding lead?", None,
            date(2026, 9, 1), None, "kcsie", "annex C of the 2026 edition is the table of changes", Check.NOT_FOUND),
    Reading("meals_plain_yes", "Which kind of free school meals does a plain yes in a file mean?", "fsm",
            date(1900, 1, 1), date(2026, 8, 31), "", "one kind alone existed", Check.VERIFIED),
    Reading("meals_plain_yes", "Which kind of free school meals does a plain yes in a file mean?", "fsm",
            date(2026, 9, 1), None, "",
            "no census specification for 2026/27 was found; the narrower kind keeps years comparable", Check.NOT_FOUND),
)  # fmt: skip
