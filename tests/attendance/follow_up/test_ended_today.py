"""A contact changed or made unsafe this morning is not proposed from that second on, by page and by command."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from haven.core.people.models import Contact
from tests.factories.imports import run_import, write
from tests.factories.morning import AT, Morning, build_school, line
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db

SCHOOLS = (
    "URN,LA (code),LA (name),EstablishmentNumber,EstablishmentName,PhaseOfEducation (name),TypeOfEstablishment (name),"
    "EstablishmentStatus (name)\n"
    "998101,998,Exampleshire,2101,Beck Lane Primary School,Primary,Community school,Open\n"
)
CALENDAR = "kind,name,from,to\nterm,Autumn,2026-09-02,2026-12-18\n"
PUPILS = (
    "upn,surname,forename,dob,registration_group,year_group,start_date,"
    "contact1_name,contact1_relationship,contact1_phone,contact1_priority\n"
    "D998210130001,Ashby,Nell,2017-01-01,4 Lark,4,2025-09-03,Kim Ashby,Mother,{number},1\n"
)
MARKS = "upn,date,session,code\nD998210130001,2026-11-20,AM,N\n"


@pytest.fixture
def morning() -> Any:
    with time_machine.travel(AT, tick=False):
        yield build_school()


def unsafe_by_page(morning: Morning) -> str:
    """The head makes the first contact of pupil 0 unsafe; returns the name."""
    with owner():
        mother = Contact.objects.get(pupil=morning.pupils[0], priority=1)
    client = Client()
    client.force_login(morning.users["head"])
    url = morning.url(f"pupils/{morning.pupils[0].ref}/contacts/{mother.ref}/")
    facts = {"name": mother.name, "relationship": "mother", "priority": "1", "telephone": "020 7946 0123",
             "safe_contact_note": f"Do not ring {mother.name}."}  # fmt: skip
    answer = client.post(url, facts)
    assert answer.status_code == 302, answer.content.decode()
    return mother.name


def test_a_contact_made_unsafe_by_page_is_no_choice_any_more(morning: Morning) -> None:
    before = line(morning, 0)
    mother = unsafe_by_page(morning)
    assert mother in str(before.next), "else this test shows nothing"
    after = line(morning, 0)
    assert mother not in str(after.next)
    assert [contact.name for contact in after.contacts if contact.safe_to_contact] == [
        contact.name for contact in before.contacts if contact.name != mother
    ]
    client = Client()
    client.force_login(morning.users["officer"])
    form = client.get(morning.url(f"pupils/{morning.pupils[0].ref}/contact/")).content.decode()
    choices = [option for option in form.split("<option")[1:] if mother in option.split("</option>")[0]]
    assert not choices and "Father of" in form


def test_a_number_changed_by_file_this_morning_is_the_one_proposed(tmp_path: Path, settings: Any) -> None:
    at_school = ("--school", 998101)
    settings.FIXED_NOW = "2026-11-19T08:00"
    assert run_import("schools", write(tmp_path, SCHOOLS, "schools.csv")).status == 0
    assert run_import("calendar", write(tmp_path, CALENDAR, "calendar.csv"), *at_school).status == 0
    pupils = write(tmp_path, PUPILS.format(number="01632 960601"), "day1.csv")
    assert run_import("pupils", pupils, *at_school).status == 0
    settings.FIXED_NOW = "2026-11-20T08:00"
    pupils = write(tmp_path, PUPILS.format(number="01632 960699"), "day2.csv")
    assert run_import("pupils", pupils, *at_school).status == 0
    settings.FIXED_NOW = "2026-11-20T09:35"
    assert run_import("marks", write(tmp_path, MARKS, "marks.csv"), *at_school).status == 0
    settings.FIXED_NOW = "2026-11-20T09:40"
    out = io.StringIO()
    call_command("today", "--school", "998101", "--json", stdout=out)
    assert "01632 960699" in out.getvalue() and "960601" not in out.getvalue(), json.loads(out.getvalue())
