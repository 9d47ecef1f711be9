"""The pages of imports: upload, what it would do, apply, take back; who may, and who finds nothing there."""

import io
from typing import Any

import pytest
from django.test import Client

from haven.attendance.registers.models import InitialEntry, MarkAmendment
from haven.core.schools.models import School
from haven.exchange.imports import jobs, views
from haven.exchange.imports.actions import STOPPED, STOPPED_UNDOING
from haven.exchange.imports.models import ImportRun
from tests.exchange.imports.files import upload
from tests.exchange.imports.test_import_command import FILES, as_others_write_it, good, long_form
from tests.factories.imports import fingerprint, upns_of
from tests.factories.registers import SchoolData, build_school
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
RUNS = ("imports_importrun", "imports_importfile")


@pytest.fixture
def school_data() -> SchoolData:
    return build_school()


@pytest.fixture
def officer(school_data: SchoolData, client: Client) -> Client:
    client.force_login(school_data.users["officer"])
    return client


def send(
    client: Client, school_data: SchoolData, content: str | bytes, word: str = "marks", name: str = "register.csv"
) -> Any:
    file = upload(content, name)
    return client.post(school_data.url("imports/new/"), {"format": word, "file": file}, follow=True)


def newest() -> ImportRun:
    with owner():
        return ImportRun.objects.latest("id")


def do(client: Client, school_data: SchoolData, verb: str, **more: str) -> str:
    answer = client.post(school_data.url(f"imports/{newest().ref}/"), {"verb": verb, **more}, follow=True)
    return " ".join(answer.content.decode().split())


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def taken() -> int:
    with owner():
        return InitialEntry.objects.count()


def test_upload_look_apply_and_take_back(officer: Client, school_data: SchoolData) -> None:
    before = fingerprint(without=RUNS)
    page = words(send(officer, school_data, good(school_data)))
    assert "Would import 6 of 6 marks: 6 new, 0 changed, 0 unchanged." in page
    assert fingerprint(without=RUNS) == before
    page = do(officer, school_data, "apply")
    assert "register.csv was imported." in page and "Undo this import" in page
    assert taken() == 6
    assert "Enter a reason for undoing the import." in do(officer, school_data, "undo")
    page = do(officer, school_data, "undo", reason="Wrong school")
    assert "6 marks restored" in page and "Undone" in page
    with owner():
        rows = set(MarkAmendment.objects.values_list("original", "amended", "reason", "author_name"))
    assert rows == {("/", "", "Import undone: Wrong school", "Officer")}


def test_changes_are_shown_old_to_new_before_they_are_made(officer: Client, school_data: SchoolData) -> None:
    send(officer, school_data, good(school_data, "N"))
    do(officer, school_data, "apply")
    page = words(send(officer, school_data, good(school_data, "I"), name="later.csv"))
    assert "AM of 12 January 2026, N becomes I." in page
    do(officer, school_data, "apply")
    with owner():
        assert set(MarkAmendment.objects.values_list("reason", flat=True)) == {"Imported from later.csv"}
    page = words(send(officer, school_data, good(school_data, "I"), name="later.csv"))
    assert "Nothing to change" in page and 'value="apply"' not in page


def test_problems_by_row_and_column_and_the_good_rows_alone(officer: Client, school_data: SchoolData) -> None:
    first, second, third, *_ = upns_of(school_data)
    text = long_form(
        (first, "2026-01-12", "AM", "/"), (second, "2026-01-12", "AM", "ZZ"), (third, "2026-02-16", "AM", "/")
    )
    before = fingerprint(without=RUNS)
    page = words(send(officer, school_data, text))
    assert "is not an attendance code" in page and "session on 16 February 2026" in page
    assert 'value="apply"' not in page and "Import valid rows only" in page
    assert "Rows with the 2 errors below will be left out" in page
    listed = officer.get(school_data.url(f"imports/{newest().ref}/problems.csv"))
    lines = listed.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 3 and lines[1].startswith("register.csv,3,code,error,unknown_code,")
    refused = do(officer, school_data, "apply")
    assert "2 errors. Nothing was changed" in refused
    assert fingerprint(without=RUNS) == before
    assert "Rows with 2 errors were left out" in do(officer, school_data, "good")
    assert taken() == 1


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_register_changes_nothing(officer: Client, school_data: SchoolData, name: str) -> None:
    before = fingerprint(without=RUNS)
    page = words(send(officer, school_data, FILES[name]))
    assert "Problems by row and column" in page
    assert 'value="apply"' not in page and 'value="good"' not in page
    do(officer, school_data, "apply")
    do(officer, school_data, "good")
    assert fingerprint(without=RUNS) == before
    assert "was discarded" in do(officer, school_data, "discard")


@pytest.mark.parametrize("how", ["utf-8-sig", "utf-16", "latin-1", "semicolons", "spreadsheet"])
def test_a_register_is_read_however_it_was_saved(officer: Client, school_data: SchoolData, how: str) -> None:
    page = words(send(officer, school_data, as_others_write_it(good(school_data), how)))
    assert "Would import 6 of 6 marks" in page


def test_a_name_survives_and_runs_nowhere(officer: Client, school_data: SchoolData) -> None:
    text = "upn,surname,forename,dob\n,O'Brien-Ñandú <script>,=1+1,2012-05-04\n"
    page = words(send(officer, school_data, text, "pupils", "<script>.csv"))
    assert "<script>.csv" not in page and "&lt;script&gt;.csv" in page
    assert "begins like a spreadsheet formula" in page
    assert "was imported" in do(officer, school_data, "apply")


def test_columns_are_named_once_and_remembered(officer: Client, school_data: SchoolData) -> None:
    text = "Nom,Prénom,Né\nDupont,Zoë,2012-05-04\n"
    page = words(send(officer, school_data, text, "pupils", "liste.csv"))
    assert "Match columns" in page
    chosen = {"surname": "Nom", "forename": "Prénom", "dob": "Né"}
    answer = officer.post(school_data.url(f"imports/{newest().ref}/columns/"), chosen, follow=True)
    assert "Would import 1 of 1 pupil: 1 new" in words(answer)
    twice = officer.post(school_data.url(f"imports/{newest().ref}/columns/"), {**chosen, "forename": "Nom"})
    assert twice.status_code == 422 and "Choose each heading once" in words(twice)
    again = words(send(officer, school_data, text.replace("Dupont", "Durand"), "pupils", "liste-2.csv"))
    assert "Would import 1 of 1 pupil: 1 new" in again


def test_a_form_without_a_file_says_so(officer: Client, school_data: SchoolData) -> None:
    answer = officer.post(school_data.url("imports/new/"), {})
    assert answer.status_code == 422
    assert "Choose a file." in words(answer) and "Choose the type of file." in words(answer)


def test_who_may_not_import_is_told_and_another_school_is_not_there(client: Client, school_data: SchoolData) -> None:
    send_nothing = {"format": "marks", "file": io.BytesIO(b"")}
    client.force_login(school_data.users["kestrel"])
    for address in ("imports/", "imports/new/"):
        assert client.get(school_data.url(address)).status_code == 403
    assert client.post(school_data.url("imports/new/"), send_nothing).status_code == 403
    other = build_school(urn=900002)
    client.force_login(other.users["officer"])
    assert client.get(school_data.url("imports/")).status_code == 404
    assert client.get(other.url("imports/00000000-0000-0000-0000-000000000000/")).status_code == 404


def test_an_import_of_another_school_is_not_there(officer: Client, school_data: SchoolData) -> None:
    send(officer, school_data, good(school_data))
    ref = newest().ref
    other = build_school(urn=900002)
    officer.force_login(other.users["officer"])
    assert officer.get(other.url(f"imports/{ref}/")).status_code == 404
    assert officer.post(other.url(f"imports/{ref}/"), {"verb": "apply"}).status_code == 404


def test_what_a_stopped_server_left_is_said_and_can_be_applied_again(officer: Client, school_data: SchoolData) -> None:
    send(officer, school_data, good(school_data))
    with owner():
        ImportRun.objects.update(state="applying")
    page = words(officer.get(school_data.url(f"imports/{newest().ref}/")))
    assert STOPPED in page
    assert "was imported" in do(officer, school_data, "apply")


def test_a_long_file_is_read_and_applied_by_the_worker(
    officer: Client, school_data: SchoolData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "READ_AT_ONCE", 0)
    monkeypatch.setattr(views, "APPLIED_AT_ONCE", 1)
    page = words(send(officer, school_data, good(school_data)))
    assert "The file is queued to be checked." in page and 'hx-trigger="every 2s"' in page
    user = school_data.users["officer"].id
    jobs.read_long(str(newest().ref), user)
    assert newest().state == "read"
    assert "The file is queued to be imported." in do(officer, school_data, "apply")
    assert taken() == 0
    jobs.apply_long(str(newest().ref), user, False, False)
    assert taken() == 6
    run = newest()
    assert (run.state, run.author_name) == ("applied", "Officer")
    jobs.apply_long(str(run.ref), user, False, False)
    assert taken() == 6
    assert "Imported" in words(officer.get(school_data.url("imports/")))


def test_a_refusal_of_the_worker_is_kept_with_the_import(
    officer: Client, school_data: SchoolData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "APPLIED_AT_ONCE", 1)
    first, second, *_ = upns_of(school_data)
    send(officer, school_data, long_form((first, "2026-01-12", "AM", "/"), (second, "2026-01-12", "AM", "ZZ")))
    do(officer, school_data, "apply")
    before = fingerprint(without=RUNS)
    jobs.apply_long(str(newest().ref), school_data.users["officer"].id, False, False)
    assert fingerprint(without=RUNS) == before
    assert "1 error. Nothing was changed" in words(officer.get(school_data.url(f"imports/{newest().ref}/")))


def test_an_import_of_many_marks_is_taken_back_by_the_worker(
    officer: Client, school_data: SchoolData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "UNDONE_AT_ONCE", 1)
    send(officer, school_data, good(school_data))
    do(officer, school_data, "apply")
    page = do(officer, school_data, "undo", reason="Wrong school")
    assert "The import is queued to be undone." in page and 'hx-trigger="every 2s"' in page
    with owner():
        assert MarkAmendment.objects.count() == 0
    user = school_data.users["officer"].id
    jobs.undo_long(str(newest().ref), user)
    run = newest()
    assert (run.state, run.undone_by_name, run.counts["undone"]) == ("undone", "Officer", 6)
    with owner():
        assert set(MarkAmendment.objects.values_list("reason", flat=True)) == {"Import undone: Wrong school"}
    jobs.undo_long(str(run.ref), user)
    with owner():
        assert MarkAmendment.objects.count() == 6


def test_what_a_server_left_that_stopped_while_it_took_an_import_back_can_be_taken_back_again(
    officer: Client, school_data: SchoolData
) -> None:
    send(officer, school_data, good(school_data))
    do(officer, school_data, "apply")
    with owner():
        ImportRun.objects.update(state="undoing")
    page = words(officer.get(school_data.url(f"imports/{newest().ref}/")))
    assert STOPPED_UNDOING in page and "Undo this import" in page
    assert "6 marks restored" in do(officer, school_data, "undo", reason="Wrong school")


def schools_file(*rows: tuple[int, str]) -> str:
    lines = "".join(f"{urn},801,Bristol,{name},Open\n" for urn, name in rows)
    return f"URN,LA (code),LA (name),EstablishmentName,EstablishmentStatus (name)\n{lines}"


def test_a_head_brings_in_schools_and_changes_no_other_schools_facts(school_data: SchoolData, client: Client) -> None:
    build_school(pupils=1, urn=900444)
    client.force_login(school_data.users["head"])
    rows = (
        (school_data.school.urn, "Larkfield School"),
        (900444, "Somebody else's name"),
        (900445, "Newfield Primary"),
    )
    assert "Schools" in words(client.get(school_data.url("imports/new/")))
    page = words(send(client, school_data, schools_file(*rows), "schools", "schools.csv"))
    assert "Would import 3 of 3 schools: 1 new, 1 changed, 1 unchanged." in page
    assert "School 900444 maintains its own details, so they were not changed." in page
    with owner():
        assert set(School.objects.values_list("urn", "name")) == {
            (school_data.school.urn, "Larkfield Academy"), (900444, "Larkfield Academy"),
        }  # fmt: skip
    assert "schools.csv was imported." in do(client, school_data, "apply")
    with owner():
        assert set(School.objects.values_list("urn", "name")) == {
            (school_data.school.urn, "Larkfield School"), (900444, "Larkfield Academy"), (900445, "Newfield Primary"),
        }  # fmt: skip
    assert "Nothing to change" in words(send(client, school_data, schools_file(*rows), "schools", "schools.csv"))
    do(client, school_data, "discard")


def test_who_does_not_keep_the_school_brings_in_no_schools(officer: Client, school_data: SchoolData) -> None:
    assert 'value="schools"' not in words(officer.get(school_data.url("imports/new/")))
    answer = send(officer, school_data, schools_file((900445, "Newfield Primary")), "schools", "schools.csv")
    assert answer.status_code == 422
    with owner():
        assert not School.objects.filter(urn=900445).exists() and not ImportRun.objects.exists()
