"""What `haven export` writes, `haven import` takes again, and finds nothing to change."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from haven.platform.audit.models import AuditEvent
from tests.exchange.imports.test_import_command import good
from tests.factories.imports import run_import, upns_of, write
from tests.factories.registers import SchoolData, build_school
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def school_data(settings: object) -> SchoolData:
    settings.FIXED_NOW = "2026-01-14T09:00:00+00:00"  # type: ignore[attr-defined]
    return build_school()


def export(*arguments: object) -> str:
    out = io.StringIO()
    call_command("export", *map(str, arguments), stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_marks_come_out_as_they_went_in(school_data: SchoolData, tmp_path: Path) -> None:
    urn, upn = school_data.school.urn, upns_of(school_data)[0]
    run_import("marks", write(tmp_path, good(school_data)), "--school", urn)
    late = f"upn,date,session,code,minutes_late,comment\n{upn},2026-01-12,PM,L,12,=bus\n"
    run_import("marks", write(tmp_path, late, "late.csv"), "--school", urn)
    text = export("marks", "--school", urn)
    lines = text.splitlines()
    assert lines[0] == "upn,date,session,code,minutes_late,comment"
    assert len(lines) == 8
    assert f"{upn},2026-01-12,PM,L,12,'=bus" in lines
    without_notes = "\n".join(line.rsplit(",", 2)[0] for line in lines)
    assert "Nothing to change" in run_import("marks", write(tmp_path, without_notes, "out.csv"), "--school", urn).out
    with owner():
        assert AuditEvent.objects.filter(verb="exports.export").exists()


def test_pupils_come_out_with_their_family_and_change_nothing(school_data: SchoolData, tmp_path: Path) -> None:
    urn = school_data.school.urn
    text = (
        "upn,surname,forename,dob,year_group,registration_group,sen,fsm,address_line_1,address_line_2,postcode,"
        "contact1_name,contact1_phone,contact1_parental_responsibility\n"
        ",O'Brien-Ñandú <script>,Zoë,2012-05-04,8,8 Kestrel,K,Y,1 High Street,Bristol,BS1 1AA,Ana Ñandú,020 7946 0001,Y\n"
    )
    assert run_import("pupils", write(tmp_path, text, "in.csv"), "--school", urn).status == 0
    out = export("pupils", "--school", urn)
    assert "contact1_name" in out and "Ana Ñandú" in out and "O'Brien-Ñandú <script>" in out
    run_import(
        "pupils", write(tmp_path, out, "out.csv"), "--school", urn
    )  # the school's pupils have no search keys yet
    assert sorted(export("pupils", "--school", urn).splitlines()) == sorted(out.splitlines())
    again = run_import("pupils", write(tmp_path, out, "out.csv"), "--school", urn)
    assert "Nothing to change: out.csv matches what Haven already has (7 pupils)." in again.out, again.err


def test_wrong_requests_are_answered_in_sentences(school_data: SchoolData) -> None:
    with pytest.raises(CommandError, match="School 1 was not found"):
        export("pupils", "--school", 1)
    with pytest.raises(CommandError, match="not an academic year"):
        export("marks", "--school", school_data.school.urn, "--year", "2026")
    with pytest.raises(CommandError, match="no calendar for 2019-20"):
        export("marks", "--school", school_data.school.urn, "--year", "2019-20")


class ReadsNoFurther(io.StringIO):
    """`| head`: a reader who goes after three writes."""

    def write(self, text: str) -> int:
        if self.getvalue().count("\n") == 3:
            raise BrokenPipeError
        return super().write(text)


def test_what_a_reader_took_before_going_is_in_the_record(
    school_data: SchoolData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_import("marks", write(tmp_path, good(school_data)), "--school", school_data.school.urn)
    let_go: list[bool] = []
    monkeypatch.setattr("haven.exchange.exports.management.commands.export.print_no_more", lambda: let_go.append(True))
    call_command(
        "export", "marks", "--school", str(school_data.school.urn), stdout=ReadsNoFurther(), stderr=io.StringIO()
    )
    with owner():
        noted = AuditEvent.objects.get(verb="exports.export")
    assert let_go == [True] and noted.detail["rows"] == 2
