"""Many marks chosen on a register and changed to one code after a second person approves."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from haven.attendance.registers.actions.corrections import Wrong, propose_correction
from haven.attendance.registers.actions.registers import amend_mark, take_marks
from haven.attendance.registers.forms.choosing import Choosing
from haven.attendance.registers.models import BulkCorrection, MarkAmendment, Sheet
from haven.platform.audit.models import AuditEvent
from haven.platform.errors import ActionRejected
from haven.platform.row_security.context import access_context
from haven.rules.sessions import Half, session_key
from tests.factories.registers import AT, YEAR, SchoolData, build_school
from tests.support.database_owner import owner

ON = date(2026, 1, 13)
AM, PM = session_key(ON, Half.AM), session_key(ON, Half.PM)


@pytest.fixture
def school_data(db: None, settings: Any) -> SchoolData:
    """Yesterday's morning was entered as O for all six pupils; the afternoon is taken for four of them."""
    settings.FIXED_NOW = "2026-01-14T09:30:00"
    school_data = build_school()
    marks = [(each.id, AM, "O") for each in school_data.enrolments] + [
        (each.id, PM, "\\") for each in school_data.enrolments[:4]
    ]
    with access_context(school_data.users["officer"].id):
        take_marks(
            by=school_data.viewer("officer"),
            at=AT,
            school_id=school_data.school.id,
            year=YEAR,
            marks=marks,
            source="page",
        )
    return school_data


def client_of(school_data: SchoolData, who: str = "officer") -> Client:
    client = Client()
    client.force_login(school_data.users[who])
    return client


def url(school_data: SchoolData, more: str = "") -> str:
    return school_data.url(f"registers/choose/?on=2026-01-13{more}")


def value(school_data: SchoolData, number: int, key: int, symbol: str) -> str:
    return f"{school_data.enrolments[number].id}.{key}.{symbol}"


def given(**more: Any) -> dict[str, Any]:
    return {"code": "/", "reason": "The register was entered for the wrong day", **more}


def correction() -> BulkCorrection:
    with owner():
        return BulkCorrection.objects.get()


def codes(school_data: SchoolData, key: int) -> list[str]:
    with owner():
        sheets = {sheet.enrolment_id: bytes(sheet.marks).decode() for sheet in Sheet.objects.all()}
    place = school_data.calendar.sessions.index(key)
    return [sheets[each.id][place] for each in school_data.enrolments]


@pytest.mark.parametrize(("who", "status"), [("officer", 200), ("head", 200), ("kestrel", 403), ("admin", 404)])
def test_who_changes_marks_may_choose_many(school_data: SchoolData, who: str, status: int) -> None:
    client = client_of(school_data, who)
    with owner():
        group = school_data.groups["8 Kestrel"].id
    for more in ("", "&span=week", f"&group={group}", f"&group={group}&span=week", "&show=away"):
        assert client.get(url(school_data, more)).status_code == status
    assert client.post(url(school_data), given(mark=[value(school_data, 0, AM, "O")])).status_code == (
        302 if status == 200 else status
    )
    assert client.get(url(school_data, "&group=999999")).status_code == (404 if status == 200 else status)
    register = client.get(school_data.url("registers/school/?on=2026-01-13"))
    assert ("Correct several marks" in register.content.decode()) == (status == 200)


def test_cells_become_the_right_sign_of_each_session_after_a_second_person(school_data: SchoolData) -> None:
    marks = [value(school_data, 0, AM, "O"), value(school_data, 1, AM, "O"), value(school_data, 4, PM, "")]
    answer = client_of(school_data).post(url(school_data), given(mark=marks), follow=True)
    assert "Prepared: 3 to /" in answer.content.decode() and codes(school_data, AM) == ["O"] * 6
    assert "You prepared this, so someone else must approve it." in answer.content.decode()
    approved = client_of(school_data, "head").post(answer.redirect_chain[0][0], {"decision": "approve"}, follow=True)
    page = " ".join(approved.content.decode().split())
    assert "Approved: 3 of 3 changed." in page and "3 of 3 marks changed" in page
    assert codes(school_data, AM) == ["/", "/", "O", "O", "O", "O"]
    assert codes(school_data, PM) == ["\\", "\\", "\\", "\\", "\\", "."]
    with owner():
        assert {row.reason for row in MarkAmendment.objects.all()} == {
            "The register was entered for the wrong day (prepared by Officer)"
        }
        assert AuditEvent.objects.filter(verb="attendance.propose_correction").get().detail == {"marks": 3}


def test_what_changed_meanwhile_is_left_and_counted(school_data: SchoolData) -> None:
    marks = [value(school_data, number, AM, "O") for number in range(3)]
    client_of(school_data).post(url(school_data), given(mark=marks))
    with access_context(school_data.users["officer"].id):
        amend_mark(
            by=school_data.viewer("officer"), at=AT, enrolment_id=school_data.enrolments[1].id, on=ON, half="AM", symbol="I",
            reason="mother rang",
        )  # fmt: skip
    client, address = client_of(school_data, "head"), school_data.url(f"registers/corrections/{correction().ref}/")
    before = " ".join(client.get(address).content.decode().split())
    assert "1 of 3 marks has been changed since this was prepared" in before and "changed since" in before
    after = " ".join(client.post(address, {"decision": "approve"}, follow=True).content.decode().split())
    assert "Approved: 2 of 3 changed." in after and "2 of 3 marks changed. Someone else had changed the others" in after
    assert codes(school_data, AM)[:3] == ["/", "I", "/"]


def test_a_row_and_a_column_choose_their_marks_without_a_script(school_data: SchoolData) -> None:
    page = client_of(school_data).get(url(school_data)).content.decode()
    row = re.findall(r'name="line" value="([^"]*)"', page)
    column = re.findall(r'name="column" value="([^"]*)"', page)
    assert (len(row), len(column)) == (6, 2)
    client_of(school_data).post(url(school_data), given(line=[row[0].replace("&#x27;", "'")], column=[column[0]]))
    items = correction().items
    assert len(items) == 6  # the row's afternoon is "here" already
    assert {tuple(item[1:]) for item in items} == {("2026-01-13", "AM", "O")}


def test_the_week_of_a_class_offers_its_own_marks_until_now(school_data: SchoolData) -> None:
    with owner():
        group = school_data.groups["8 Kestrel"].id
    page = client_of(school_data).get(url(school_data, f"&group={group}&span=week")).content.decode()
    found = re.findall(r'name="mark" value="(\d+)\.(\d+)\.', page)
    assert {int(number) for number, _ in found} == {each.id for each in school_data.enrolments[::2]}
    assert max(int(key) for _, key in found) == session_key(date(2026, 1, 14), Half.AM)
    assert len(found) == 3 * 5


def test_nothing_chosen_no_code_or_somebody_elses_mark_changes_nothing(school_data: SchoolData) -> None:
    elsewhere = build_school(urn=900002, pupils=1)
    foreign = f"{elsewhere.enrolments[0].id}.{AM}."
    for chosen, more, words in (
        ([], {}, "Choose at least one mark."),
        ([foreign, "x.y.z", f"{school_data.enrolments[0].id}.{AM}.§"], {}, "Choose at least one mark."),
        ([value(school_data, 0, AM, "O")], {"reason": ""}, "reason"),
        ([value(school_data, 0, AM, "O")], {"code": "O"}, "Every mark you chose is already O."),
    ):
        answer = client_of(school_data).post(url(school_data), given(mark=chosen, **more))
        assert answer.status_code == 422 and words in answer.content.decode()
    with owner():
        assert not BulkCorrection.objects.exists()


def test_what_was_chosen_stays_chosen_when_something_is_missing(school_data: SchoolData) -> None:
    chosen = value(school_data, 0, AM, "O")
    page = client_of(school_data).post(url(school_data), given(mark=[chosen], reason="")).content.decode()
    assert re.search(rf'value="{re.escape(chosen)}"[^>]*checked', page)
    assert len(re.findall(r'name="mark"[^>]* checked', page)) == 1


def test_a_mark_that_has_the_code_already_is_left_out(school_data: SchoolData) -> None:
    with access_context(school_data.users["officer"].id):
        by: dict[str, Any] = {
            "by": school_data.viewer("officer"),
            "at": AT,
            "school_id": school_data.school.id,
            "reason": "x",
        }
        items = [
            Wrong(school_data.enrolments[0].id, ON, Half.PM, "\\"),
            Wrong(school_data.enrolments[4].id, ON, Half.PM, ""),
        ]
        assert len(propose_correction(**by, items=items, code="\\").items) == 1
        with pytest.raises(ActionRejected, match="already"):
            propose_correction(**by, items=items[:1], code="/")


def test_choosing_reads_nothing_that_is_not_on_the_page() -> None:
    class Post(dict):  # type: ignore[type-arg]
        def getlist(self, name: str) -> list[str]:
            return list(self.get(name, []))

    assert Choosing(rows=[], keys=[AM], until=PM, post=Post(mark=["1.2.O"])).chosen == {}


def test_the_week_grid_leads_to_the_history_of_each_mark(school_data: SchoolData) -> None:
    with owner():
        group, ref = school_data.groups["8 Kestrel"].id, school_data.enrolments[0].ref
    page = client_of(school_data).get(school_data.url(f"registers/class/{group}/week/?on=2026-01-13")).content.decode()
    for half in ("AM", "PM"):
        assert f'href="{school_data.url(f"registers/mark/{ref}/2026-01-13/{half}/")}"' in page
    assert page.count('data-history="') == 3 + 2  # three mornings, and the afternoons with a register in this class
