"""The pages of pupils and families: access, content, and what is left out."""

import re
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from haven.core.people import actions, queries
from haven.core.people.actions.contacts import ContactFacts
from haven.core.people.models import Contact, Placement, Pupil, PupilDetail, Status
from haven.core.people.permissions import may_see_parent_gaps
from haven.platform.accounts.actions import declare_conflict
from haven.platform.audit.models import AuditEvent
from haven.platform.row_security.context import access_context
from tests.factories.families import AT, SCARY, TODAY, YEAR, Families, build_school, login, upn
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
RAW = "<script>alert(1)"


@pytest.fixture
def school_data(settings: Any) -> Families:
    settings.FIXED_NOW = "2026-01-14T09:12:00"
    return build_school()


@pytest.fixture
def aisha(school_data: Families) -> Pupil:
    """A pupil with complete data, some of it in restricted categories."""
    pupil = school_data.admit("Aisha", SCARY, upn=upn(1), group_name="8 Kestrel", preferred_forename="Ash").pupil
    school = school_data.larkfield.id
    with access_context(school_data.users["dsl"].id):
        by = school_data.viewer("dsl")
        contacts = [
            ContactFacts(f"Farid {SCARY}", "father", 1, "07700 900123", parental_responsibility=True),
            ContactFacts(
                "Nadia Rahman", "mother", 2, "07700 900124", safe_to_contact=False, safe_contact_note="Old number."
            ),
        ]
        actions.keep_contacts(by=by, at=AT, on=TODAY, school_id=school, pupil_id=pupil.id, contacts=contacts)
        actions.keep_detail(
            by=by, at=AT, school_id=school, pupil_id=pupil.id, trusted_adult="Ms Osei", good_to_know=SCARY
        )
        for kind in ("child_protection", "sen_support"):
            actions.record_status(
                by=by,
                at=AT,
                school_id=school,
                pupil_id=pupil.id,
                record=actions.StatusRecord(kind=kind, begins_on=date(2026, 1, 5), source="Panel"),
            )
    return pupil


def get(school_data: Families, who: str, url: str, **query: str) -> tuple[int, str]:
    answer = login(school_data, who).get(url, query)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return answer.status_code, unescape(body.decode(errors="replace")) if answer.status_code != 302 else answer[
        "Location"
    ]


def url(name: str, *args: Any) -> str:
    return reverse(name, args=[900101, *args])


STAFF = ("head", "attendance_officer", "attendance_coordinator", "family_support_worker", "pastoral_coordinator", "dsl", "form_tutor", "teacher")  # fmt: skip
KEEPERS = {"head", "attendance_officer", "attendance_coordinator", "dsl"}
NO_PUPILS = ("governor", "system_administrator")


@pytest.mark.parametrize("who", [*STAFF, *NO_PUPILS, "oakhurst_head"])
def test_who_may_open_what(school_data: Families, aisha: Pupil, who: str) -> None:
    def expected(*, of_staff: int = 200, keepers: bool = False) -> int:
        if who == "oakhurst_head":
            return 404
        if who in NO_PUPILS:
            return 403
        return of_staff if not keepers or who in KEEPERS else 403

    client = login(school_data, who)
    assert client.get(url("people:pupils")).status_code == expected()
    assert client.get(url("people:quality")).status_code == expected(keepers=True)
    assert client.get(url("people:admit")).status_code == expected(keepers=True)
    for name in ("site:pupil", "people:names", "people:move", "people:leave", "people:details", "people:household"):
        wanted = 404 if who in (*NO_PUPILS, "oakhurst_head") else expected(keepers=name != "site:pupil")
        assert client.get(url(name, aisha.ref)).status_code == wanted, name


def test_a_pupil_who_is_not_yours_looks_like_none(school_data: Families, aisha: Pupil) -> None:
    other = school_data.admit("Sami", "Rahman", who="oakhurst_head").pupil
    nobody = "00000000-0000-4000-8000-000000000000"
    pages = [get(school_data, "dsl", url("site:pupil", ref)) for ref in (other.ref, nobody)]
    assert pages[0][0] == pages[1][0] == 404
    assert without_nonce(pages[0][1]) == without_nonce(pages[1][1])


def without_nonce(page: str) -> str:
    return re.sub(r'nonce="[^"]*"|[0-9a-f-]{36}|csrf[^>]*', "", page)


def test_the_page_shows_each_viewer_what_is_theirs(school_data: Families, aisha: Pupil) -> None:
    page = {
        who: get(school_data, who, url("site:pupil", aisha.ref))[1] for who in ("dsl", "attendance_officer", "teacher")
    }
    for who in page:
        assert f"Ash {SCARY}" in page[who] and "8 Kestrel" in page[who] and "born 4 March 2013" in page[who]
    for who in ("dsl", "attendance_officer"):
        for seen in ("Farid", "Do not contact Nadia Rahman. Old number.", "Trusted adult Ms Osei", upn(1), "SEN support", "Vulnerable pupils list: find first", "Call the social worker before 10:00"):  # fmt: skip
            assert seen in page[who], (who, seen)
    assert "Child protection plan" in page["dsl"]
    for hidden in ("rotection", "Panel</dd>"):
        assert hidden not in page["attendance_officer"]
    for hidden in ("Farid", "Nadia", "Osei", upn(1), "SEN", "ulnerable", "social worker", "Family", "Useful information", "Attendance this year", "Needs"):  # fmt: skip
        assert hidden not in page["teacher"], hidden


def test_names_with_marks_survive_and_run_nowhere(school_data: Families, aisha: Pupil) -> None:
    client = login(school_data, "dsl")
    for address in (
        url("people:pupils"), url("site:pupil", aisha.ref), url("people:contacts", aisha.ref), url("people:details", aisha.ref),
        url("people:names", aisha.ref), url("people:statuses", aisha.ref), url("people:household", aisha.ref),
        url("people:quality") + "?show=responsibility", url("people:find") + "?q=zzz" + quote(SCARY),
        url("people:household", aisha.ref) + "?who=" + quote(SCARY), url("people:move", aisha.ref), url("people:leave", aisha.ref),
    ):  # fmt: skip
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert RAW not in answer.content.decode(), address
    for form in ("csv", "xlsx"):
        assert client.get(url("people:pupils"), {"format": form}).status_code == 200
    body = get(school_data, "dsl", url("people:pupils"), format="csv")[1]
    assert SCARY in body


def test_a_parent_on_the_staff_finds_the_child_by_no_way(school_data: Families, aisha: Pupil) -> None:
    school_data.admit("Ben", "Carter")
    with access_context(school_data.users["dsl"].id):
        declare_conflict(
            by=school_data.viewer("dsl"), at=AT, user_id=school_data.users["attendance_officer"].id, school_id=school_data.larkfield.id,
            pupil_id=aisha.id, kind="parent", begins_on=date(2020, 1, 1),
        )  # fmt: skip
    client = login(school_data, "attendance_officer")
    for address in (
        url("people:pupils"),
        url("people:pupils") + "?format=csv",
        url("people:quality"),
        url("people:find") + "?q=ash",
    ):
        answer = client.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        assert b"Ash" not in body and b"Brien" not in body, address
    assert "1 pupil at" in client.get(url("people:pupils")).content.decode()
    for name in ("site:pupil", "people:contacts", "people:details", "people:statuses", "people:names"):
        assert client.get(url(name, aisha.ref)).status_code == 404
    assert client.get(url("people:find"), {"q": upn(1)}).status_code == 200


def test_enter_goes_straight_to_the_only_one(school_data: Families, aisha: Pupil) -> None:
    assert get(school_data, "teacher", url("people:find"), q="o'b") == (302, url("site:pupil", aisha.ref))
    school_data.admit("Ashley", "Carter")
    status, page = get(school_data, "teacher", url("people:find"), q="ash")
    assert status == 200 and "Ashley Carter" in page and SCARY in page
    status, page = get(school_data, "teacher", url("people:find"), q="nobody")
    assert status == 200 and "No matching pupil found." in page


def test_while_typing_only_the_list_is_sent(school_data: Families, aisha: Pupil) -> None:
    answer = login(school_data, "teacher").get(url("people:find"), {"q": "ash"}, headers={"HX-Request": "true"})
    page = unescape(answer.content.decode())
    assert answer.status_code == 200 and SCARY in page and "<html" not in page


def test_filters_stand_in_the_address_and_a_hidden_status_filters_nobody_out(
    school_data: Families, aisha: Pupil
) -> None:
    school_data.admit("Ben", "Carter", year_group="9", group_name="9 Osprey")
    assert "1 pupil at" in get(school_data, "dsl", url("people:pupils"), year_group="9")[1]
    assert "1 pupil at" in get(school_data, "dsl", url("people:pupils"), group="8 Kestrel")[1]
    assert "1 pupil at" in get(school_data, "dsl", url("people:pupils"), status="child_protection")[1]
    assert "1 pupil at" in get(school_data, "attendance_officer", url("people:pupils"), listed="on")[1]
    assert "1 pupil at" in get(school_data, "dsl", url("people:pupils"), q="car")[1]
    assert "0 pupils at" in get(school_data, "dsl", url("people:pupils"), roll="left")[1]
    guessed = get(school_data, "attendance_officer", url("people:pupils"), status="child_protection")[1]
    assert "2 pupils at" in guessed and "Child protection" not in guessed


def test_the_list_goes_out_as_a_file_for_those_who_may_and_is_on_record(school_data: Families, aisha: Pupil) -> None:
    status, body = get(school_data, "attendance_officer", url("people:pupils"), format="csv")
    assert status == 200 and upn(1) in body and "Find first" in body
    assert get(school_data, "teacher", url("people:pupils"), format="csv")[0] == 403
    assert "CSV" not in get(school_data, "teacher", url("people:pupils"))[1]
    with owner():
        event = AuditEvent.objects.get(verb="people.export_pupils")
        assert event.detail == {"form": "csv", "pupils": 1}


def test_opening_a_page_is_on_record(school_data: Families, aisha: Pupil) -> None:
    get(school_data, "teacher", url("site:pupil", aisha.ref))
    with owner():
        event = AuditEvent.objects.get(verb="people.open_pupil")
        assert (event.actor_id, event.pupil_ids) == (school_data.users["teacher"].id, [aisha.id])


def test_a_pupil_is_put_on_the_roll_on_the_page(school_data: Families) -> None:
    client = login(school_data, "attendance_officer")
    wrong = client.post(
        url("people:admit"),
        {"forename": "Ben", "surname": "", "begins_on": "soon", "upn": "A1", "born_on": "1 May 2030"},
    )
    page = unescape(wrong.content.decode())
    assert wrong.status_code == 422
    for sentence in ("13 characters", "Enter a date, like", "must be in the past"):
        assert sentence in page
    data = {
        "forename": "Ben", "surname": SCARY, "born_on": "4 March 2013", "begins_on": "14/01/2026", "year_group": "8",
        "group_name": "8 Kestrel", "kind": "single", "upn": upn(7).lower(),
    }  # fmt: skip
    done = client.post(url("people:admit"), data)
    assert done.status_code == 302
    with access_context(school_data.users["head"].id):
        [pupil] = queries.pupils_of_school(school_id=school_data.larkfield.id, on=TODAY)
        assert (pupil.name, pupil.group, pupil.upn) == (f"Ben {SCARY}", "8 Kestrel", upn(7))
    again = client.post(url("people:admit"), data)
    assert again.status_code == 422 and "already on roll at this school" in unescape(again.content.decode())


def test_contacts_are_added_changed_checked_and_taken_off(school_data: Families, aisha: Pupil) -> None:
    client = login(school_data, "attendance_officer")
    bad = client.post(url("people:new_contact", aisha.ref), {"name": "Aunt", "priority": "3", "telephone": "07700"})
    page = unescape(bad.content.decode())
    assert bad.status_code == 422 and "Enter a phone number" in page and "Enter why this person" in page
    new = {
        "name": "Aunt",
        "priority": "3",
        "telephone": "07700 900125",
        "safe_to_contact": "on",
        "parental_responsibility": "no",
    }
    assert client.post(url("people:new_contact", aisha.ref), new).status_code == 302
    with access_context(school_data.users["dsl"].id):
        aunt = Contact.objects.get(name="Aunt", ends_on=None)
        assert (aunt.parental_responsibility, aunt.lives_with_pupil) == (False, None)
        assert Contact.objects.filter(ends_on=None).count() == 3
    form = client.get(url("people:contact", aisha.ref, aunt.ref)).content.decode()
    assert 'value="no" checked' in re.sub(r'value="no"([^>]*)checked', 'value="no" checked', form)
    assert client.post(url("people:contact", aisha.ref, aunt.ref), {"ends": "1"}).status_code == 302
    assert client.get(url("people:contact", aisha.ref, aunt.ref)).status_code == 404
    assert client.post(url("people:contacts", aisha.ref)).status_code == 302
    assert login(school_data, "pastoral_coordinator").post(url("people:contacts", aisha.ref)).status_code == 403
    assert login(school_data, "teacher").get(url("people:contacts", aisha.ref)).status_code == 404


def test_details_names_class_and_leaving(school_data: Families, aisha: Pupil) -> None:
    client = login(school_data, "head")
    assert client.post(url("people:details", aisha.ref), {"first_language": "Bengali"}).status_code == 302
    assert (
        client.post(url("people:names", aisha.ref), {"surname": "Rahman", "forename": "Aisha", "sex": "F"}).status_code
        == 302
    )
    moved = {"year_group": "8", "group_name": "8 Robin", "on": "14 January 2026"}
    assert client.post(url("people:move", aisha.ref), moved).status_code == 302
    gone = {"ends_on": "13 January 2026", "destination": "Oakhurst", "reason": "Moved"}
    assert client.post(url("people:leave", aisha.ref), gone | {"ends_on": "1 May 2020"}).status_code == 422
    assert client.post(url("people:leave", aisha.ref), gone).status_code == 302
    with access_context(school_data.users["head"].id):
        assert PupilDetail.objects.order_by("-id").values_list("first_language", flat=True)[0] == "Bengali"
        assert Placement.objects.filter(pupil=aisha, group__name="8 Robin").count() == 1
    page = get(school_data, "head", url("site:pupil", aisha.ref))[1]
    assert "Has left" in page and "left 13 January 2026" in page and "Aisha Rahman" in page


def test_statuses_are_recorded_by_those_who_may_read_them(school_data: Families, aisha: Pupil) -> None:
    officer = get(school_data, "attendance_officer", url("people:statuses", aisha.ref))[1]
    assert "Free school meals" in officer and "Looked after" not in officer and "rotection" not in officer
    assert get(school_data, "teacher", url("people:statuses", aisha.ref))[0] == 403
    secret = {"kind": "looked_after", "source": "x", "begins_on": "14 January 2026"}
    assert login(school_data, "attendance_officer").post(url("people:statuses", aisha.ref), secret).status_code == 422
    client = login(school_data, "dsl")
    assert client.post(url("people:statuses", aisha.ref), secret | {"source": ""}).status_code == 422
    assert client.post(url("people:statuses", aisha.ref), secret).status_code == 302
    with access_context(school_data.users["dsl"].id):
        plan = Status.objects.get(kind="child_protection")
    ending = {"ends_on": "14 January 2026", "reason": "Conference"}
    address = url("people:end_status", aisha.ref, plan.ref)
    assert login(school_data, "attendance_officer").get(address).status_code == 404
    assert client.post(address, ending | {"reason": ""}).status_code == 422
    assert client.post(address, ending).status_code == 302


def test_the_list_is_kept_by_the_safeguarding_lead(school_data: Families, aisha: Pupil) -> None:
    assert get(school_data, "attendance_officer", url("people:listing", aisha.ref))[0] == 403
    client = login(school_data, "dsl")
    with access_context(school_data.users["dsl"].id):
        [line] = queries.listing_lines(school_id=school_data.larkfield.id, pupil_id=aisha.id, on=TODAY)
    new = {"priority": "2", "instruction": "Ring the grandmother.", "instruction_due": "9.30"}
    assert client.post(url("people:change_listing", aisha.ref, line.ref), new | {"instruction": ""}).status_code == 422
    assert client.post(url("people:change_listing", aisha.ref, line.ref), new).status_code == 302
    with access_context(school_data.users["dsl"].id):
        [line] = queries.listing_lines(school_id=school_data.larkfield.id, pupil_id=aisha.id, on=TODAY)
        assert (line.priority, line.instruction, f"{line.instruction_due:%H:%M}") == (
            2,
            "Ring the grandmother.",
            "09:30",
        )
    other = school_data.admit("Ben", "Carter").pupil
    assert client.get(url("people:change_listing", other.ref, line.ref)).status_code == 404
    assert client.post(url("people:end_listing", aisha.ref, line.ref), {"ends_on": "13 January 2026", "reason": "Over"}).status_code == 302  # fmt: skip
    assert "Not on the vulnerable pupils’ list" in get(school_data, "dsl", url("people:statuses", aisha.ref))[1]


def test_a_brother_is_added_and_shown_with_his_school(school_data: Families, aisha: Pupil) -> None:
    ben = school_data.admit("Ben", "Carter").pupil
    client = login(school_data, "head")
    assert "Ben Carter" in client.get(url("people:household", aisha.ref), {"who": "ben"}).content.decode()
    assert client.post(url("people:household", aisha.ref), {"pupil": str(ben.ref)}).status_code == 302
    client.post(url("people:household", aisha.ref), {"pupil": "no"})
    page = get(school_data, "teacher", url("site:pupil", aisha.ref))[1]
    assert "Ben Carter" in page and url("site:pupil", ben.ref) in page
    client.post(url("people:household", aisha.ref), {"apart": "1"})
    assert "Ben Carter" not in get(school_data, "teacher", url("site:pupil", aisha.ref))[1]


def test_what_to_put_right(school_data: Families, aisha: Pupil) -> None:
    ben = school_data.admit("Ben", "Carter", group_name="8 Kestrel").pupil
    school_data.admit("Benjamin", "Carter", group_name="8 Kestrel")
    with access_context(school_data.users["head"].id):
        by, school = school_data.viewer("head"), school_data.larkfield.id
        actions.keep_contacts(
            by=by,
            at=AT,
            on=date(2024, 9, 1),
            school_id=school,
            pupil_id=ben.id,
            contacts=[ContactFacts("Mr Carter", telephone="12")],
        )
        found = {
            fault.key: [pupil.forename for pupil in fault.pupils]
            for fault in queries.faults_of(school_id=school, on=TODAY)
        }
    assert found == {
        "no-contact": ["Benjamin"], "parent-number": ["Ben", "Benjamin"], "number": ["Ben"], "responsibility": ["Ben"], "one-contact": ["Ben"], "unchecked": ["Ben"],
        "alike": ["Ben", "Benjamin"], "no-upn": ["Ben", "Benjamin"], "temporary-upn": [], "no-birthday": [], "no-class": [],
    }  # fmt: skip
    page = get(school_data, "head", url("people:quality"), show="number")[1]
    assert (
        "Mr Carter: 12" in page
        and "1 September 2024" in get(school_data, "head", url("people:quality"), show="unchecked")[1]
    )
    assert "2 pupils on roll with missing or doubtful data" in page


def test_pupils_without_an_emergency_number_for_each_parent(school_data: Families, aisha: Pupil) -> None:
    """Working together to improve school attendance (July 2026), pages 20 and 67; SI 2024/208 regulation 8."""
    people = {
        "Both": [ContactFacts("Nadia", "Mother", telephone="07700 900124"), ContactFacts("Farid", "Father", telephone="07700 900123")],
        "One": [ContactFacts("Nadia", "Mother", telephone="07700 900124"), ContactFacts("Farid", "Father")],
        "Wrong": [ContactFacts("Nadia", "Mother", telephone="12")],
        "Other": [ContactFacts("May", "Aunt", telephone="07700 900124")],
        "Second": [ContactFacts("Nadia", "Mother", telephone="12", other_telephone="07700 900124")],
    }  # fmt: skip
    school = school_data.larkfield.id
    for name, contacts in people.items():
        pupil = school_data.admit(name, "Carter").pupil
        with access_context(school_data.users["head"].id):
            actions.keep_contacts(
                by=school_data.viewer("head"), at=AT, on=TODAY, school_id=school, pupil_id=pupil.id, contacts=contacts
            )
    with access_context(school_data.users["head"].id):
        [fault] = [each for each in queries.faults_of(school_id=school, on=TODAY) if each.key == "parent-number"]
        said = {pupil.forename: fault.about[pupil.id] for pupil in fault.pupils if pupil.surname == "Carter"}
    assert said == {"One": "Farid", "Wrong": "Nadia", "Other": "no parent among the contacts"}
    page = get(school_data, "head", url("people:quality"), show="parent-number")[1]
    assert "No emergency number for each parent" in page and "Carter, One" in page and "Carter, Both" not in page
    with access_context(school_data.users["head"].id):
        assert "parent-number" not in {
            each.key for each in queries.faults_of(school_id=school, on=TODAY, without=["parent-number"])
        }


@pytest.mark.parametrize("who", [*STAFF, *NO_PUPILS, "oakhurst_head"])
def test_who_may_see_which_parents_have_no_number(school_data: Families, who: str) -> None:
    with access_context(school_data.users[who].id):
        assert bool(may_see_parent_gaps(school_data.viewer(who), school_data.larkfield.id)) == (who in KEEPERS)


def test_a_year_stands_on_the_page(school_data: Families, aisha: Pupil) -> None:
    from haven.attendance.registers.models import Sheet
    from haven.core.people.models import Enrolment
    from haven.core.schools.models import Calendar
    from haven.rules.attendance_codes import to_byte
    from tests.factories.registers import weekdays

    sessions = weekdays(date(2026, 1, 5), date(2026, 2, 13))
    codes = ["/", "\\"] * 2 + ["O", "O", "I", "I", "L", "\\"] + ["N"] * 4
    with owner():
        calendar = Calendar.objects.create(school=school_data.larkfield, year=YEAR, sessions=sessions, made_at=AT)
        enrolment = Enrolment.objects.get(pupil=aisha)
        marks = bytes(to_byte(code) for code in codes) + b"." * (len(sessions) - len(codes))
        Sheet.objects.create(school=school_data.larkfield, author_id=school_data.users["head"].id, pupil=aisha, enrolment=enrolment, year=YEAR, calendar=calendar, marks=marks)  # fmt: skip
    page = get(school_data, "attendance_officer", url("site:pupil", aisha.ref))[1]
    words = re.sub(r"<[^>]+>|\s+", " ", page)
    words = re.sub(r"\s+", " ", words)
    assert "8 of 14 sessions missed" in words and "42.9% attended" in words
    assert "6 unauthorised, 6 in ten school weeks (threshold 10)" in words and "1 late" in words
    assert "Severely absent so far" in words
    assert "Attendance this year" not in get(school_data, "teacher", url("site:pupil", aisha.ref))[1]


def test_a_page_of_the_list_holds_what_the_whole_list_holds_there(school_data: Families) -> None:
    """Names as displayed, with marks, accents and equal names; on the roll, left, and by letters."""
    named = [
        ("Zoë", "Ähren", ""),
        ("Ann", "O'Brien", ""),
        ("Ann", "Obrien", ""),
        ("Bo", "Young", "Abel"),
        ("Cy", "de la Cruz", ""),
    ]
    for number, (forename, surname, preferred) in enumerate(named * 12):
        school_data.admit(forename, surname, upn=upn(number + 1), preferred_surname=preferred)
    school = school_data.larkfield.id
    with access_context(school_data.users["dsl"].id):
        for asked in (
            queries.Asked(),
            queries.Asked(on_roll="left"),
            queries.Asked(on_roll="all"),
            queries.Asked(text="ann"),
        ):
            whole = queries.pupils_of_school(school_id=school, on=TODAY, asked=asked)
            assert queries.ids_by_name(school_id=school, on=TODAY, asked=asked) == [pupil.id for pupil in whole]
        with pytest.raises(ValueError):
            queries.ids_by_name(school_id=school, on=TODAY, asked=queries.Asked(group="8 Kestrel"))
    client, base = login(school_data, "dsl"), reverse("people:pupils", args=[school_data.larkfield.urn])
    shown = [_pupils_in(client, f"{base}?page={page}") for page in (1, 2)]
    assert [len(page) for page in shown] == [50, 10] and len(set(shown[0] + shown[1])) == 60


def _pupils_in(client: Client, address: str) -> list[str]:
    return re.findall(r'href="[^"]+/pupils/([0-9a-f-]{36})/"', client.get(address).content.decode())
