"""Pages of registers: access, content, and concurrent saving."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from haven.attendance.planned_absence.actions import plan_absence
from haven.attendance.registers.actions.corrections import Wrong, propose_correction
from haven.attendance.registers.actions.registers import take_marks
from haven.attendance.registers.models import (
    BulkCorrection,
    InitialEntry,
    MarkAmendment,
    MarkNote,
    PlannedAbsence,
    Sheet,
)
from haven.attendance.registers.queries.marks import cell_of
from haven.platform.audit.models import AuditEvent
from haven.platform.row_security.context import access_context
from haven.rules.sessions import Half, session_key
from tests.factories.registers import AT, YEAR, SchoolData, build_school
from tests.support.database_owner import owner

ON = date(2026, 1, 14)
AM, PM = session_key(ON, Half.AM), session_key(ON, Half.PM)
OLD = session_key(date(2026, 1, 5), Half.AM)
LISTS = (
    "registers/", "registers/school/", "registers/missing/", "registers/planned/", "registers/unexplained/",
    "registers/corrections/", "registers/consistency/", "attendance/",
)  # fmt: skip


@pytest.fixture
def school_data(db: None, settings: Any) -> SchoolData:
    settings.FIXED_NOW = "2026-01-14T09:00:00"
    return build_school()


@pytest.fixture
def marked(school_data: SchoolData) -> SchoolData:
    """This morning's register is taken in both classes; the first pupil has an old N; a plan and a correction exist."""
    marks = [(each.id, AM, "/") for each in school_data.enrolments] + [(school_data.enrolments[0].id, OLD, "N")]
    with access_context(school_data.users["officer"].id):
        officer = school_data.viewer("officer")
        take_marks(by=officer, at=AT, school_id=school_data.school.id, year=YEAR, marks=marks, source="page")
        plan_absence(
            by=officer,
            at=AT,
            enrolment_id=school_data.enrolments[2].id,
            first_key=PM,
            last_key=PM + 2,
            code="M",
            reason="dentist",
        )
        propose_correction(
            by=officer, at=AT, school_id=school_data.school.id, code="O", reason="no answer",
            items=[Wrong(school_data.enrolments[0].id, date(2026, 1, 5), Half.AM, "N")],
        )  # fmt: skip
    return school_data


def signed_in(school_data: SchoolData, who: str) -> Client:
    client = Client()
    client.force_login(school_data.users[who])
    return client


def mark_url(school_data: SchoolData, number: int = 0, on: date = ON, half: str = "AM") -> str:
    with owner():
        return school_data.url(f"registers/mark/{school_data.enrolments[number].ref}/{on.isoformat()}/{half}/")


def correction_url(school_data: SchoolData) -> str:
    with owner():
        return school_data.url(f"registers/corrections/{BulkCorrection.objects.get().ref}/")


def cells(school_data: SchoolData, **values: str) -> dict[str, str]:
    """Fields of a register page: `am0="/"` is the morning of pupil 0, shown as empty; `am0_seen="N"` the mark shown."""
    found = {}
    for name, value in values.items():
        half, number, seen = re.fullmatch(r"(am|pm)(\d)(_seen)?", name).groups()  # type: ignore[union-attr]
        key = AM if half == "am" else PM
        found[f"{'s' if seen else 'm'}-{school_data.enrolments[int(number)].id}-{key}"] = value
        if not seen:
            found.setdefault(f"s-{school_data.enrolments[int(number)].id}-{key}", "")
    return found


def marks_of(school_data: SchoolData, number: int) -> str:
    with owner():
        sheet = Sheet.objects.filter(enrolment=school_data.enrolments[number]).first()
        return bytes(sheet.marks).decode()[14:16] if sheet else ".."  # 14 January is the eighth day


@pytest.mark.parametrize("who", ["head", "officer", "kestrel", "admin"])
def test_each_page_opens_for_those_who_see_registers_and_is_not_there_for_others(marked: SchoolData, who: str) -> None:
    client = signed_in(marked, who)
    pages = [*LISTS, "registers/codes/", f"registers/class/{marked.groups['8 Kestrel'].id}/"]
    pages += [f"{pages[-1]}week/"]
    for page in [marked.url(each) for each in pages] + [mark_url(marked)]:
        answer = client.get(page)
        assert answer.status_code == (404 if who == "admin" else 200), page


def test_what_is_not_yours_looks_like_what_is_not_there(marked: SchoolData) -> None:
    elsewhere = build_school(urn=900002, pupils=2)
    tutor, officer = signed_in(marked, "kestrel"), signed_in(marked, "officer")
    theirs = marked.groups["9 Osprey"].id
    pairs = [
        (tutor, marked.url(f"registers/class/{theirs}/"), marked.url("registers/class/999999/")),
        (
            tutor,
            mark_url(marked, 1),
            re.sub(r"[0-9a-f-]{36}", "0" * 8 + "-0000-4000-8000-" + "0" * 12, mark_url(marked, 1)),
        ),
        (officer, elsewhere.url("registers/"), "/s/123456/registers/"),
        (
            officer,
            marked.url(f"registers/class/{elsewhere.groups['8 Kestrel'].id}/"),
            marked.url("registers/class/999999/"),
        ),
        (tutor, correction_url(marked), marked.url("registers/corrections/00000000-0000-4000-8000-000000000000/")),
    ]
    for client, real, none in pairs:
        there, nowhere = client.get(real), client.get(none)
        assert (there.status_code, nowhere.status_code) == (404, 404), real
        assert there.content == nowhere.content, real


def test_a_register_is_taken_and_comes_back_with_its_marks(school_data: SchoolData) -> None:
    client, url = (
        signed_in(school_data, "kestrel"),
        school_data.url(f"registers/class/{school_data.groups['8 Kestrel'].id}/"),
    )
    answer = client.post(url, cells(school_data, am0="/", am2="n", am4="c2"))
    assert (answer.status_code, answer["Location"]) == (302, url)
    assert [marks_of(school_data, number)[0] for number in (0, 2, 4)] == ["/", "N", "c"]
    page = client.get(url).content.decode()
    assert "Saved: 3 entered." in page and "O&#x27;Brien-Ñandú &lt;script&gt;" in page and "<script>" not in page
    assert "Taken" in client.get(school_data.url("registers/")).content.decode()


def test_a_changed_mark_needs_its_reason(marked: SchoolData) -> None:
    client, url = signed_in(marked, "officer"), marked.url(f"registers/class/{marked.groups['8 Kestrel'].id}/")
    changed = cells(marked, am0="L", am0_seen="/")
    refused = client.post(url, changed)
    assert refused.status_code == 422 and "Give a reason for changing these marks." in refused.content.decode()
    assert marks_of(marked, 0)[0] == "/"
    assert client.post(url, {**changed, "reason": "came at 9"}).status_code == 302
    with owner():
        assert MarkAmendment.objects.get().reason == "came at 9"
    late = f"l-{marked.enrolments[0].id}-{AM}"
    assert late in client.get(url).content.decode()
    assert client.post(url, {late: "12"}).status_code == 302
    with owner():
        assert MarkNote.objects.get().minutes_late == 12
    assert client.post(url, {late: "twelve"}).status_code == 422


def fields_of(page: str) -> dict[str, str]:
    """The fields that a browser would send for the register's form of a page."""
    inputs = re.findall(r"<input[^>]*>", page)
    found = {}
    for each in inputs:
        name, value = re.search(r'name="([msl]-[^"]*)"', each), re.search(r'value="([^"]*)"', each)
        if name:
            found[name[1]] = value[1] if value else ""
    return found


def test_two_people_on_one_register_see_each_others_marks(school_data: SchoolData) -> None:
    url = school_data.url(f"registers/class/{school_data.groups['8 Kestrel'].id}/")
    officer, tutor = signed_in(school_data, "officer"), signed_in(school_data, "kestrel")
    opened = fields_of(tutor.get(url).content.decode())
    assert officer.post(url, cells(school_data, am0="N", am4="L")).status_code == 302
    mine = opened | {f"m-{school_data.enrolments[0].id}-{AM}": "/", f"m-{school_data.enrolments[2].id}-{AM}": "/"}
    second = tutor.post(url, mine)
    page = second.content.decode()
    assert second.status_code == 422 and "Officer entered N while you were working. You had /." in page
    assert [marks_of(school_data, number)[0] for number in (0, 2, 4)] == ["N", "/", "L"]
    again = fields_of(page)
    assert (
        again[f"m-{school_data.enrolments[0].id}-{AM}"] == "/"
        and again[f"s-{school_data.enrolments[0].id}-{AM}"] == "N"
    )
    assert again[f"m-{school_data.enrolments[4].id}-{AM}"] == "L"
    assert tutor.post(url, again | {"reason": "saw him"}).status_code == 302
    assert [marks_of(school_data, number) for number in (0, 2, 4)] == ["/.", "/.", "L."]
    with owner():
        assert MarkAmendment.objects.count() == 1


def test_planned_absence_stands_ready_and_present_fills_the_rest_without_saving(
    marked: SchoolData, settings: Any
) -> None:
    settings.FIXED_NOW = "2026-01-14T13:10:00"
    client, url = signed_in(marked, "officer"), marked.url(f"registers/class/{marked.groups['8 Kestrel'].id}/")
    assert f'id="m-{marked.enrolments[2].id}-{PM}" maxlength="2" value="M"' in client.get(url).content.decode()
    filled = client.post(url, {"fill": str(PM)}).content.decode()
    assert f'id="m-{marked.enrolments[0].id}-{PM}" maxlength="2" value="\\"' in filled
    assert marks_of(marked, 0) == "/."


def test_bad_codes_are_named_and_nothing_is_saved(school_data: SchoolData) -> None:
    client, url = (
        signed_in(school_data, "kestrel"),
        school_data.url(f"registers/class/{school_data.groups['8 Kestrel'].id}/"),
    )
    answer = client.post(url, cells(school_data, am0="Q8", am2="/", am4="Y"))
    page = answer.content.decode()
    assert answer.status_code == 422 and "“Q8” is not an attendance code." in page and "was withdrawn after" in page
    with owner():
        assert not InitialEntry.objects.exists()


def test_a_tutor_changes_marks_while_the_register_is_open_and_not_later(marked: SchoolData, settings: Any) -> None:
    url = marked.url(f"registers/class/{marked.groups['8 Kestrel'].id}/")
    change = {**cells(marked, am0="L", am0_seen="/"), "reason": "came in"}
    settings.FIXED_NOW = "2026-01-14T11:00:00"
    late = signed_in(marked, "kestrel").post(url, change)
    assert late.status_code == 422 and "Only the attendance team can change marks." in late.content.decode()
    settings.FIXED_NOW = "2026-01-14T09:05:00"
    assert signed_in(marked, "kestrel").post(url, change).status_code == 302


def test_a_future_day_is_not_entered(school_data: SchoolData) -> None:
    url = school_data.url(f"registers/class/{school_data.groups['8 Kestrel'].id}/?on=2026-01-15")
    key = session_key(date(2026, 1, 15), Half.AM)
    answer = signed_in(school_data, "officer").post(url, {f"m-{school_data.enrolments[0].id}-{key}": "/"})
    assert answer.status_code == 422 and "in the future" in answer.content.decode()


def test_a_day_that_is_none_and_a_day_without_school(school_data: SchoolData) -> None:
    client = signed_in(school_data, "officer")
    assert client.get(school_data.url("registers/?on=nonsense")).status_code == 404
    assert (
        "The school is closed on this day"
        in client.get(school_data.url("registers/?on=17+January+2026")).content.decode()
    )


def test_one_mark_shows_its_history_and_changes_with_a_reason(marked: SchoolData) -> None:
    client, url = signed_in(marked, "officer"), mark_url(marked)
    assert client.post(url, {"code": "i", "seen": "/", "reason": "mother rang"}).status_code == 302
    page = client.get(url).content.decode()
    assert "mother rang" in page and "First entered as" in page and "attendance officer" in page
    assert "Someone else has changed this mark. It is now I." in (
        client.post(url, {"code": "O", "seen": "/", "reason": "x"}).content.decode()
    )
    assert client.post(url, {"code": "O", "seen": "I", "reason": ""}).status_code == 422
    assert client.post(url, {"code": "H", "seen": "I", "reason": "x"}).status_code == 422
    tutor = signed_in(marked, "kestrel").post(url, {"code": "O", "seen": "I", "reason": "x"})
    assert tutor.status_code == 403 and "Only the attendance team can change marks." in tutor.content.decode()
    assert marks_of(marked, 0)[0] == "I"
    assert client.get(mark_url(marked, on=date(2026, 1, 10))).status_code == 404


def test_planned_absence_is_entered_and_taken_back(school_data: SchoolData) -> None:
    client = signed_in(school_data, "officer")
    given = {
        "enrolment": school_data.enrolments[0].id, "first_on": "19 January 2026", "first_half": "AM", "last_on": "20/1/2026",
        "last_half": "PM", "code": "M", "reason": "hospital",
    }  # fmt: skip
    assert (
        client.post(school_data.url("registers/planned/add/"), {**given, "last_on": "18 January 2026"}).status_code
        == 422
    )
    assert client.post(school_data.url("registers/planned/add/"), given).status_code == 302
    assert "hospital" in client.get(school_data.url("registers/planned/")).content.decode()
    with owner():
        ref = PlannedAbsence.objects.get().ref
    url = school_data.url(f"registers/planned/{ref}/withdraw/")
    assert client.get(url).status_code == 405
    tutor = signed_in(school_data, "kestrel")
    assert tutor.post(url).status_code == 403
    assert tutor.get(school_data.url("registers/planned/add/")).status_code == 403
    assert client.post(url).status_code == 302
    assert "hospital" not in client.get(school_data.url("registers/planned/")).content.decode()


def test_old_n_goes_to_a_second_person(marked: SchoolData) -> None:
    with owner():
        before = set(BulkCorrection.objects.values_list("id", flat=True))
    officer, head = signed_in(marked, "officer"), signed_in(marked, "head")
    url = marked.url("registers/unexplained/")
    page = officer.get(url)
    assert "5 January 2026, AM" in page.content.decode()
    assert "Working together to improve school attendance (August 2024 edition)" in page.content.decode()
    assert [(row.runs_out_on, row.proposed) for row in page.context["rows"]] == [(date(2026, 1, 12), "O")]
    assert page.context["form"].initial == {"code": "O", "reason": "Reason not established within five school days"}
    key = f"{marked.enrolments[0].id}.{OLD}"
    assert "Choose at least one mark." in officer.post(url, {"code": "O", "reason": "x"}).content.decode()
    made = officer.post(url, {"mark": [key], "code": "O", "reason": "nobody answered"})
    assert made.status_code == 302
    with owner():
        row = BulkCorrection.objects.exclude(id__in=before).get()
        assert row.items == [[marked.enrolments[0].id, "2026-01-05", "AM", "N"]]
    assert "You prepared this, so someone else must approve it." in officer.get(made["Location"]).content.decode()
    assert officer.post(made["Location"], {"decision": "approve"}).status_code == 403
    assert head.post(made["Location"], {"decision": "refuse"}).status_code == 422
    assert head.post(made["Location"], {"decision": "approve"}).status_code == 302
    assert "Approved by Head" in officer.get(made["Location"]).content.decode()
    with owner():
        assert MarkAmendment.objects.get().correction_ref == row.ref
    assert "No N codes older than 5 school days" in officer.get(url).content.decode()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_every_list_leaves_as_a_file_for_those_who_may_and_is_kept_in_the_record(marked: SchoolData, form: str) -> None:
    officer, tutor = signed_in(marked, "officer"), signed_in(marked, "kestrel")
    for page in LISTS:
        answer = officer.get(marked.url(f"{page}?format={form}"))
        assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"], page
        assert b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        refused = tutor.get(marked.url(f"{page}?format={form}"))
        assert refused.status_code == 403 and "cannot export lists" in refused.content.decode(), page
    with owner():
        assert AuditEvent.objects.filter(verb="attendance.export_list", detail__form=form).count() == len(LISTS)


def test_a_tutor_sees_the_own_class_alone_on_every_list(marked: SchoolData) -> None:
    with owner():
        theirs = [marked.enrolments[number].pupil.surname for number in (1, 3, 5)]
    client = signed_in(marked, "kestrel")
    for page in LISTS:
        text = client.get(marked.url(page)).content.decode()
        assert not any(name in text for name in theirs), page
    assert "9 Osprey" not in client.get(marked.url("registers/")).content.decode()


def test_the_school_page_says_why_it_is_empty(school_data: SchoolData) -> None:
    client = signed_in(school_data, "officer")
    assert "no calendar for 2019-20" in client.get(school_data.url("attendance/?on=2020-01-15")).content.decode()
    assert "not marked" in client.get(school_data.url("attendance/")).content.decode()


def test_paper_carries_the_time_of_the_page_and_not_the_ways_elsewhere(marked: SchoolData, settings: Any) -> None:
    settings.FIXED_NOW = "2026-01-14T09:30:00"
    page = signed_in(marked, "officer").get(marked.url("registers/planned/")).content.decode()
    assert "Printed by Officer on 14 January 2026, 09:30." in page


def test_the_questions_and_the_guidance_of_each_code_stand_beside_its_choice(marked: SchoolData) -> None:
    client = signed_in(marked, "officer")
    for path in ("registers/planned/add/", "registers/unexplained/"):
        page = client.get(marked.url(path)).content.decode()
        assert "Which code fits?" in page and "Medical or dental appointment" in page, path
        assert "medical or dental" in page.split("haven-aside")[1], path


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ((date(2026, 1, 14), "AM"), (date(2026, 1, 14), "PM"), "14 January 2026"),
        ((date(2026, 1, 14), "AM"), (date(2026, 1, 14), "AM"), "14 January 2026, morning"),
        ((date(2026, 1, 14), "PM"), (date(2026, 1, 14), "PM"), "14 January 2026, afternoon"),
        ((date(2026, 1, 14), "AM"), (date(2026, 1, 16), "PM"), "14 January 2026 to 16 January 2026"),
        (
            (date(2026, 1, 14), "PM"),
            (date(2026, 1, 16), "AM"),
            "14 January 2026, afternoon, to 16 January 2026, morning",
        ),
    ],
)
def test_a_planned_absence_is_said_as_people_say_it(
    school_data: SchoolData, first: tuple[date, str], last: tuple[date, str], words: str
) -> None:
    client = signed_in(school_data, "officer")
    given = {
        "enrolment": school_data.enrolments[0].id, "first_on": first[0].isoformat(), "first_half": first[1],
        "last_on": last[0].isoformat(), "last_half": last[1], "code": "M", "reason": "hospital",
    }  # fmt: skip
    assert client.post(school_data.url("registers/planned/add/"), given).status_code == 302
    assert f">{words}</td>" in client.get(school_data.url("registers/planned/")).content.decode()


@pytest.mark.parametrize(
    ("on", "half", "symbol", "kind"),
    [
        (date(2026, 1, 13), Half.PM, None, "unknown"), (date(2026, 1, 14), Half.AM, None, "unknown"),
        (date(2026, 1, 14), Half.PM, None, "future"), (date(2026, 1, 15), Half.AM, None, "future"),
        (date(2026, 1, 14), Half.PM, "M", "authorised"),
    ],
)  # fmt: skip
def test_an_afternoon_that_has_not_begun_is_still_to_come(on: date, half: Half, symbol: str | None, kind: str) -> None:
    begun = session_key(date(2026, 1, 14), Half.AM)
    assert cell_of(session_key(on, half), symbol, date(2026, 1, 14), begun).kind == kind
