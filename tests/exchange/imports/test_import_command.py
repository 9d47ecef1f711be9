"""`haven import`: every bad file is refused with file, row and column and changes nothing; every good one changes what it says, once."""

from pathlib import Path
from typing import Any

import pytest

from haven.attendance.registers.editor import Counts
from haven.attendance.registers.models import InitialEntry, MarkAmendment, MarkNote, Sheet
from haven.core.people.models import Contact, Enrolment, Identifier, Pupil
from haven.core.schools.models import Calendar, CalendarSpan, School
from haven.exchange.imports.actions import undo_run
from haven.exchange.imports.formats.marks.comparison import MarkComparison
from haven.exchange.imports.models import ImportRun
from haven.exchange.imports.runs import planning_marks
from haven.exchange.imports.runs.stored import stored_file
from haven.platform.accounts.context import system_context
from haven.platform.audit.models import AuditEvent
from haven.platform.errors import ActionRejected
from haven.rules.identifiers import make_upn
from haven.rules.sessions import session_of
from tests.exchange.imports.files import workbook
from tests.factories.class_lists import CLASS_LISTS, class_list
from tests.factories.imports import fingerprint, marks, run_import, upns_of, write
from tests.factories.registers import AT, SchoolData, build_school
from tests.support.database_owner import owner
from tests.support.published import DATA

pytestmark = pytest.mark.django_db


@pytest.fixture
def school_data() -> SchoolData:
    return build_school()


def long_form(*rows: tuple[str, str, str, str]) -> str:
    return "upn,date,session,code\n" + "".join(",".join(row) + "\n" for row in rows)


def good(school_data: SchoolData, code: str = "/") -> str:
    return long_form(*[(upn, "2026-01-12", "AM", code) for upn in upns_of(school_data)])


def seen(model: type, **where: object) -> int:
    with owner():
        return int(getattr(model, "objects").filter(**where).count())  # noqa: B009


# Files that are refused


BAD = {
    "unknown code": (("2026-01-12", "AM", "ZZ"), "row 3, column “code”", "is not an attendance code"),
    "withdrawn code": (("2026-01-12", "AM", "H"), "row 3, column “code”", "withdrawn"),
    "afternoon mark in the morning": (("2026-01-12", "AM", "\\"), "row 3, column “code”", "cannot be used in the AM"),
    "day outside the calendar": (("2026-02-16", "AM", "N"), "row 3, column “date”", "session on 16 February 2026"),
    "year without calendar": (("2024-11-12", "AM", "/"), "row 3, column “date”", "no calendar for 2024-25"),
    "day that is none": (("2026-13-40", "AM", "/"), "row 3, column “date”", "is not a"),
    "half that is none": (("2026-01-12", "EVE", "/"), "row 3, column “session”", "Write AM or PM"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_row_is_named_and_nothing_is_changed(school_data: SchoolData, tmp_path: Path, name: str) -> None:
    (on, half, code), place, words = BAD[name]
    first, second, *_ = upns_of(school_data)
    path = write(tmp_path, long_form((first, "2026-01-12", "AM", "/"), (second, on, half, code)))
    before = fingerprint()
    said = marks(school_data, path)
    assert said.status == 1
    assert f"register.csv, {place}: " in said.err
    assert words in said.err
    assert "Nothing was changed" in said.err
    assert fingerprint() == before


def test_pupils_of_whom_nothing_is_known_are_named_once(school_data: SchoolData, tmp_path: Path) -> None:
    stranger = make_upn(801, 2001, 20, 77)
    text = long_form((stranger, "2026-01-12", "AM", "/"), (stranger, "2026-01-12", "PM", "\\"))
    before = fingerprint()
    said = marks(school_data, write(tmp_path, text))
    assert said.status == 1
    assert said.err.count(f"No pupil at this school has the UPN {stranger}") == 1
    assert "register.csv, row 2, column “upn”" in said.err
    assert fingerprint() == before


def test_a_pupil_not_on_roll_that_day(school_data: SchoolData, tmp_path: Path) -> None:
    with owner():
        Enrolment.objects.filter(id=school_data.enrolments[0].id).update(ends_on="2026-01-09")
    before = fingerprint()
    said = marks(school_data, write(tmp_path, good(school_data)))
    assert said.status == 1
    assert (
        "register.csv, row 2, column “date”: The pupil was not on roll on 12 January 2026 (on roll from 1 September 2025"
        " to 9 January 2026)." in said.err
    )
    assert fingerprint() == before


def test_two_codes_for_one_session_name_both_rows(school_data: SchoolData, tmp_path: Path) -> None:
    upn = upns_of(school_data)[0]
    before = fingerprint()
    said = marks(
        school_data, write(tmp_path, long_form((upn, "2026-01-12", "AM", "/"), (upn, "2026-01-12", "AM", "L")))
    )
    assert said.status == 1
    assert "row 3, column “code”: The AM session of 12 January 2026 has L here and / in row 2" in said.err
    assert fingerprint() == before


def test_a_mark_of_a_day_to_come_is_refused_and_leave_is_not(
    school_data: SchoolData, tmp_path: Path, settings: object
) -> None:
    settings.FIXED_NOW = "2026-01-14T09:00:00+00:00"  # type: ignore[attr-defined]
    upn = upns_of(school_data)[0]
    said = marks(school_data, write(tmp_path, long_form((upn, "2026-01-15", "AM", "/"))))
    assert said.status == 1 and "The AM session of 15 January 2026 has not begun" in said.err
    assert marks(school_data, write(tmp_path, long_form((upn, "2026-01-15", "AM", "C1")))).status == 0


FILES = {
    "empty": b"",
    "blank": b"\n\n  \n",
    "only headings": b"upn,date,session,code\n",
    "not a table": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
    "no code column": b"upn,date,session\nA,2026-01-12,AM\n",
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_register_is_refused_in_a_sentence(
    school_data: SchoolData, tmp_path: Path, name: str
) -> None:
    before = fingerprint()
    said = marks(school_data, write(tmp_path, FILES[name]))
    assert said.status == 1
    assert "register.csv" in said.err and said.err.rstrip().endswith(".")
    assert "Traceback" not in said.err
    assert fingerprint() == before


def test_what_was_asked_in_a_wrong_way_says_how(school_data: SchoolData, tmp_path: Path) -> None:
    path = write(tmp_path, good(school_data))
    assert run_import("marks", path).status == 2
    missing = run_import("marks", path, "--school", 123456)
    assert missing.status == 1 and "School 123456 was not found" in missing.err
    gone = run_import("marks", tmp_path / "nowhere.csv", "--school", school_data.school.urn)
    assert gone.status == 1 and "nowhere.csv: File not found" in gone.err
    listed = run_import("--list")
    assert [line.split(":")[0] for line in listed.out.splitlines()] == ["schools", "calendar", "pupils", "marks"]


# Files that are taken


def as_others_write_it(text: str, how: str) -> bytes:
    rows = [line.split(",") for line in text.splitlines()]
    if how == "spreadsheet":
        return workbook(rows).getvalue()
    if how == "semicolons":
        return "\n".join(";".join(row) for row in rows).encode()
    if how == "tabs":
        return "\r\n".join("\t".join(row) for row in rows).encode()
    if how == "instruction":
        return f"Marks of the week; do not edit\n\n{text}".encode()
    return text.encode(how)


@pytest.mark.parametrize("how", ["utf-8-sig", "utf-16", "latin-1", "semicolons", "tabs", "instruction", "spreadsheet"])
def test_a_register_is_read_however_it_was_saved(school_data: SchoolData, tmp_path: Path, how: str) -> None:
    said = marks(school_data, write(tmp_path, as_others_write_it(good(school_data), how)))
    assert said.status == 0, said.err
    assert "6 of 6 marks imported: 6 new, 0 changed, 0 unchanged." in said.out
    assert seen(InitialEntry) == 6


def test_the_same_file_again_changes_nothing_and_says_so(school_data: SchoolData, tmp_path: Path) -> None:
    path = write(tmp_path, good(school_data))
    assert marks(school_data, path).status == 0
    before = fingerprint()
    again = marks(school_data, path)
    assert again.status == 0
    assert "Nothing to change: register.csv matches what Haven already has (6 marks)." in again.out
    assert fingerprint() == before


def test_a_later_file_amends_with_the_file_as_reason(school_data: SchoolData, tmp_path: Path) -> None:
    marks(school_data, write(tmp_path, good(school_data, "N")))
    said = marks(school_data, write(tmp_path, good(school_data, "I"), "corrected.csv"))
    assert "0 new, 6 changed, 0 unchanged" in said.out
    with owner():
        rows = list(MarkAmendment.objects.values_list("original", "amended", "reason", "author_name"))
        runs = list(ImportRun.objects.order_by("id").values_list("state", "file_name"))
    assert rows == [("N", "I", "Imported from corrected.csv", "Haven")] * 6
    assert runs == [("applied", "register.csv"), ("applied", "corrected.csv")]


def test_a_dry_run_says_what_would_change_and_changes_nothing(school_data: SchoolData, tmp_path: Path) -> None:
    marks(school_data, write(tmp_path, good(school_data, "N")))
    before = fingerprint()
    said = run_import("marks", write(tmp_path, good(school_data, "I")), "--school", school_data.school.urn, "--dry-run")
    assert said.status == 0
    assert "Would import 6 of 6 marks: 0 new, 6 changed, 0 unchanged." in said.out
    assert "AM of 12 January 2026, N becomes I." in said.out
    assert fingerprint() == before


def test_only_the_good_rows_where_that_is_chosen(school_data: SchoolData, tmp_path: Path) -> None:
    first, second, third, *_ = upns_of(school_data)
    text = long_form(
        (first, "2026-01-12", "AM", "/"), (second, "2026-01-12", "AM", "ZZ"), (third, "2026-02-16", "AM", "/"),
        (third, "2026-01-12", "AM", "/"), (third, "2026-01-12", "AM", "L"),
    )  # fmt: skip
    said = run_import("marks", write(tmp_path, text), "--school", school_data.school.urn, "--good-rows")
    assert said.status == 0, said.err
    assert "1 of 4 marks imported: 1 new" in said.out
    assert seen(InitialEntry) == 1


def test_the_answer_for_a_script(school_data: SchoolData, tmp_path: Path) -> None:
    upn = upns_of(school_data)[0]
    refused = run_import(
        "marks",
        write(tmp_path, long_form((upn, "2026-01-12", "AM", "ZZ"))),
        "--school",
        school_data.school.urn,
        "--json",
    )
    problem = refused.json["problems"][0]
    assert (refused.status, problem["row"], problem["column"], problem["code"]) == (1, 2, "code", "unknown_code")
    taken = run_import("marks", write(tmp_path, good(school_data)), "--school", school_data.school.urn, "--json").json
    assert (taken["applied"], taken["new"], taken["read"]) == (True, 6, 6)


def test_the_wide_form_names_the_column_of_the_session(school_data: SchoolData, tmp_path: Path) -> None:
    first, second, *_ = upns_of(school_data)
    text = f"upn,2026-01-12 AM,2026-01-12 PM,2026-02-16 AM\n{first},/,\\,\n{second},/,,N\n"
    said = marks(school_data, write(tmp_path, text))
    assert said.status == 1
    assert "register.csv, row 3, column “2026-02-16 AM”: The school's calendar has no AM session" in said.err
    said = marks(school_data, write(tmp_path, text.replace(",N\n", ",\n")))
    assert "3 of 3 marks imported" in said.out


def test_minutes_late_and_comments_stand_beside_the_mark_once(school_data: SchoolData, tmp_path: Path) -> None:
    upn = upns_of(school_data)[0]
    path = write(tmp_path, f"upn,date,session,code,minutes_late,comment\n{upn},2026-01-12,AM,L,17,bus\n")
    assert "1 note beside marks" in marks(school_data, path).out
    assert "Nothing to change" in marks(school_data, path).out
    assert seen(MarkNote, minutes_late=17, comment="bus") == 1


def test_the_file_is_kept_as_it_came_and_the_import_can_be_taken_back(school_data: SchoolData, tmp_path: Path) -> None:
    path = write(tmp_path, good(school_data, "N"))
    marks(school_data, path)
    marks(school_data, write(tmp_path, good(school_data, "I"), "wrong.csv"))
    with owner():
        run = ImportRun.objects.get(file_name="wrong.csv")
        assert stored_file(run).read() == (tmp_path / "wrong.csv").read_bytes()
    with system_context(on=AT.date()) as by:
        undone = undo_run(by=by, at=AT, run=run, reason="The wrong week")
    assert undone.changed == 6
    assert marks(school_data, path).out.startswith("Nothing to change")
    assert seen(MarkAmendment) == 12


def test_what_is_refused_while_it_is_written_is_kept_as_a_file_with_the_reason(
    school_data: SchoolData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = planning_marks.take_rows  # type: ignore[attr-defined]  # replaced where it is called

    def refused(**rows: Any) -> Counts:
        assert taken(**rows).taken == 6
        raise ActionRejected("Somebody was quicker. Please try again.")

    before = fingerprint(without=("imports_importrun", "imports_importfile"))
    path = write(tmp_path, good(school_data))
    with monkeypatch.context() as patch:
        patch.setattr(planning_marks, "take_rows", refused)
        said = marks(school_data, path)
    assert (said.status, said.err) == (1, "Somebody was quicker. Please try again.")
    assert fingerprint(without=("imports_importrun", "imports_importfile")) == before
    with owner():
        run = ImportRun.objects.get()
        verbs = AuditEvent.objects.filter(about_ref=str(run.ref)).order_by("id").values_list("verb", flat=True)
        assert (run.state, run.counts["said"], run.applied_at) == (
            "read",
            "Somebody was quicker. Please try again.",
            None,
        )
        assert stored_file(run).read() == path.read_bytes()
        assert list(verbs) == ["imports.receive_file", "imports.refuse_run"]
    assert "6 new" in marks(school_data, path).out


def test_a_place_that_was_emptied_is_counted_as_what_was_written(school_data: SchoolData, tmp_path: Path) -> None:
    path = write(tmp_path, good(school_data, "N"))
    marks(school_data, path)
    with owner():
        run = ImportRun.objects.get()
    with system_context(on=AT.date()) as by:
        undo_run(by=by, at=AT, run=run, reason="The wrong week")
    assert "0 new, 6 changed" in marks(school_data, path).out  # what stood there once is amended
    with owner():
        run = ImportRun.objects.latest("id")
    assert (run.state, run.counts["new"], run.counts["changed"]) == ("applied", 0, 6)


def test_a_file_that_changes_while_it_is_read_is_read_anew(
    school_data: SchoolData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, good(school_data, "N"))
    report = MarkComparison.report

    def written_to(self: MarkComparison, *rest: Any) -> None:
        if path.read_text() != good(school_data, "I"):
            path.write_text(good(school_data, "I") + "\n")
        report(self, *rest)

    monkeypatch.setattr(MarkComparison, "report", written_to)
    assert "6 of 6 marks imported: 6 new" in marks(school_data, path).out
    with owner():
        run = ImportRun.objects.get()
        assert stored_file(run).read() == path.read_bytes()
        assert {bytes(codes) for codes in InitialEntry.objects.values_list("codes", flat=True)} == {b"I"}


def test_pupils_of_another_school_are_nobody_to_a_file(school_data: SchoolData, tmp_path: Path) -> None:
    with owner():
        elsewhere = School.objects.create(urn=900002, name="Oakfield School")
        Identifier.objects.filter(pupil_id=school_data.enrolments[0].pupil_id).update(school=elsewhere)
        upn = Identifier.objects.get(school=elsewhere, kind="upn").value
    said = marks(school_data, write(tmp_path, long_form((upn, "2026-01-12", "AM", "/"))))
    assert said.status == 1 and f"No pupil at this school has the UPN {upn}" in said.err


# Schools, calendar, pupils


def test_the_path_of_a_new_school_from_files_alone(tmp_path: Path) -> None:
    gias = write(
        tmp_path,
        "URN,LA (code),LA (name),EstablishmentName,EstablishmentStatus (name),Trusts (code),Trusts (name)\n"
        "900123,801,Bristol,O'Brien-Ñandú <script>,Open,5001,Larkfield Trust\n",
        "gias.csv",
    )
    assert "1 of 1 school imported: 1 new" in run_import("schools", gias).out
    assert "Nothing to change" in run_import("schools", gias).out
    with owner():
        school = School.objects.select_related("trust", "local_authority").get(urn=900123)
    assert (school.name, school.local_authority.code, school.trust.ref) == ("O'Brien-Ñandú <script>", "801", "5001")  # type: ignore[union-attr]
    sessions = "date,session\n2026-01-12,AM\n2026-01-12,PM\n2026-01-13,AM\n"
    calendar = write(tmp_path, sessions, "calendar.csv")
    assert "3 of 3 sessions imported: 3 new" in run_import("calendar", calendar, "--school", 900123).out
    assert "Nothing to change" in run_import("calendar", calendar, "--school", 900123).out
    upn = make_upn(801, 2001, 20, 5)
    people = write(
        tmp_path,
        "upn,surname,forename,dob,start_date,contact1_name,contact1_phone\n"
        f"{upn},O'Brien-Ñandú <script>,=Zoë,2012-05-04,2025-09-01,Ana Ñandú,020 7946 0001\n",
        "pupils.csv",
    )
    said = run_import("pupils", people, "--school", 900123)
    assert "1 of 1 pupil imported: 1 new" in said.out
    assert "row 2, column “forename”: This text begins like a spreadsheet formula" in said.err
    assert "Nothing to change" in run_import("pupils", people, "--school", 900123).out
    register = write(tmp_path, long_form((upn, "2026-01-12", "AM", "/")))
    assert "1 of 1 mark imported: 1 new" in run_import("marks", register, "--school", 900123).out
    with owner():
        pupil = Pupil.objects.get(school_ids=[school.id])
        assert (pupil.surname, pupil.forename) == ("O'Brien-Ñandú <script>", "=Zoë")
        assert Contact.objects.get(pupil=pupil).telephone
        assert bytes(Sheet.objects.get(pupil=pupil).marks) == b"/.."


def test_a_calendar_that_changes_lays_the_registers_anew(school_data: SchoolData, tmp_path: Path) -> None:
    marks(school_data, write(tmp_path, good(school_data)))
    with owner():
        keys = Calendar.objects.get(school=school_data.school).sessions

    def lines(left_out: str) -> str:
        sessions = [session_of(key) for key in keys]
        rows = [f"{each.on.isoformat()},{each.half.value}\n" for each in sessions if each.on.isoformat() != left_out]
        return "date,session\n" + "".join(rows)

    urn = school_data.school.urn
    said = run_import("calendar", write(tmp_path, lines("2026-01-21"), "year.csv"), "--school", urn)
    assert said.status == 0 and "60 of 60 sessions imported: 0 new, 2 changed" in said.out
    before = fingerprint()
    refused = run_import("calendar", write(tmp_path, lines("2026-01-12"), "year.csv"), "--school", urn)
    assert refused.status == 1 and "6 marks are in sessions to be removed" in refused.err
    assert fingerprint() == before
    agreed = run_import("calendar", write(tmp_path, lines("2026-01-12"), "year.csv"), "--school", urn, "--confirm")
    assert agreed.status == 0
    assert seen(MarkAmendment, amended="") == 6


def test_terms_with_their_names_are_kept_and_again_change_nothing(school_data: SchoolData, tmp_path: Path) -> None:
    text = "kind,name,from,to\nterm,Autumn,2024-09-02,2024-12-20\nholiday,Half term,2024-10-28,2024-11-01\n"
    path = write(tmp_path, text, "terms.csv")
    assert run_import("calendar", path, "--school", school_data.school.urn).status == 0
    assert seen(CalendarSpan) == 2
    assert "Nothing to change" in run_import("calendar", path, "--school", school_data.school.urn).out


def test_pupils_of_whom_it_is_not_certain_who_they_are(school_data: SchoolData, tmp_path: Path) -> None:
    known = upns_of(school_data)[1]
    text = f"upn,surname,forename,dob\n{known},Somebody,Else,2010-02-03\n{make_upn(801, 2001, 20, 9)},New,Child,2012-03-04\n"
    path = write(tmp_path, text, "pupils.csv")
    before = fingerprint()
    said = run_import("pupils", path, "--school", school_data.school.urn)
    assert said.status == 1
    assert "pupils.csv, row 2, column “upn”: This UPN belongs to a pupil with a different forename" in said.err
    assert fingerprint() == before
    assert (
        "1 of 2 pupils imported: 1 new"
        in run_import("pupils", path, "--school", school_data.school.urn, "--good-rows").out
    )


@pytest.mark.parametrize("name", ["gias_layout_2018.csv", "gias_layout_2024.csv"])
def test_files_of_schools_in_both_published_layouts(name: str) -> None:
    path = DATA / "schools" / name
    said = run_import("schools", path, "--good-rows")
    assert said.status == 0, said.err
    assert seen(School) >= 4
    assert seen(School, local_authority__isnull=False) == seen(School)
    assert "Nothing to change" in run_import("schools", path, "--good-rows").out


TAKEN_IN = {
    "class.csv": 4,
    "class_minimal.csv": 1,
    "class_with_byte_order_mark.csv": 1,
    "class_with_guidance_row.csv": 1,
    "class_with_extra_columns.csv": 3,
    "cohort.csv": 1,  # the two others are at another school
    "cohort_with_extra_columns.csv": 0,
    "cohort_with_guidance_row.csv": 0,
    "cohort_iso_8859_1.csv": 0,
    "cohort_minimal.csv": 0,
    "cohort_unknown_school.csv": 2,
    "cohort_with_changes.csv": 0,
    "cohort_with_duplicates.csv": 1,
}
"""How many children of each list a school takes in: those of another school are refused."""


@pytest.mark.parametrize("name", CLASS_LISTS)
def test_class_lists_as_schools_send_them(school_data: SchoolData, tmp_path: Path, name: str) -> None:
    path, before = class_list(name, tmp_path), seen(Pupil)
    said = run_import("pupils", path, "--school", school_data.school.urn, "--good-rows")
    assert seen(Pupil) == before + TAKEN_IN[name]
    if TAKEN_IN[name]:
        assert said.status == 0, said.err
        assert "Nothing to change" in run_import("pupils", path, "--school", school_data.school.urn, "--good-rows").out
        assert seen(Pupil) == before + TAKEN_IN[name]
    else:
        assert said.status != 0 and "Nothing was changed" in said.err
        assert f"but you are importing for school {school_data.school.urn}" in said.err
