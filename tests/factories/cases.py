"""A school of small files, as an office would bring them in by command: a step is a file and the moment of its import."""

from pathlib import Path
from typing import Any

from haven.core.people.models import Pupil
from tests.factories.imports import Said, run_import, write
from tests.support.database_owner import owner

BECK_LANE, HOLT_ROAD = 998101, 998102
SCHOOLS = (
    "URN,LA (code),LA (name),EstablishmentNumber,EstablishmentName,PhaseOfEducation (name),TypeOfEstablishment (name),"
    "EstablishmentStatus (name)\n"
    "998101,998,Exampleshire,2101,Beck Lane Primary School,Primary,Community school,Open\n"
    "998102,998,Exampleshire,4102,Holt Road High School,Secondary,Community school,Open\n"
)
CALENDAR = (
    "kind,name,from,to\nterm,Autumn,2026-09-02,2026-12-18\ninset,INSET day,2026-09-02,\n"
    "holiday,Autumn half-term,2026-10-26,2026-10-30\nterm,Spring,2027-01-04,2027-03-25\n"
)


class Office:
    """Imports files into the two schools, at a moment of Haven's clock."""

    def __init__(self, folder: Path, settings: Any) -> None:
        self.folder, self.settings = folder, settings
        self.at("2026-11-19T08:00")
        self.good("schools", SCHOOLS)
        for urn in (BECK_LANE, HOLT_ROAD):
            self.good("calendar", CALENDAR, urn)

    def at(self, moment: str) -> None:
        self.settings.FIXED_NOW = moment

    def bring(self, what: str, text: str, urn: int | None = BECK_LANE, *more: object) -> Said:
        """Import a file of text; returns what the command said."""
        path = write(self.folder, text, f"{what}.csv")
        school = () if what == "schools" else ("--school", urn)
        return run_import(what, path, *school, *more)

    def good(self, what: str, text: str, urn: int | None = BECK_LANE) -> Said:
        said = self.bring(what, text, urn)
        assert said.status == 0, said.err + said.out
        return said


def pupil_named(surname: str, forename: str) -> Pupil:
    with owner():
        return Pupil.objects.get(surname=surname, forename=forename)
