"""From an empty database to a morning's list, with files and commands alone; also when the morning lies before the day of the import."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db

FILES = {
    "schools": "URN,LA (code),LA (name),EstablishmentNumber,EstablishmentName,PhaseOfEducation (name),TypeOfEstablishment (name),"
    "EstablishmentStatus (name)\n998001,998,Exampleshire,2001,Hillside Primary School,Primary,Community school,Open\n",
    "calendar": "date,session\n" + "".join(f"2026-11-{day},{half}\n" for day in (18, 19, 20) for half in ("AM", "PM")),
    "pupils": "upn,surname,forename,dob,year_group,registration_group,start_date,contact1_name,contact1_relationship,contact1_phone,"
    "contact1_priority,contact1_parental_responsibility\n"
    "Y998200121001,Okafor,Amara,2017-03-14,4,4 Kestrel,2021-09-02,Ngozi Okafor,Mother,01632 960101,1,Y\n"
    "M998200121002,O'Brien-Ñandú <script>,Tom,2017-06-02,4,4 Kestrel,2021-09-02,Sean O'Brien,Father,01632 960102,1,Y\n",
    "marks": "upn,date,session,code\nY998200121001,2026-11-20,AM,/\nM998200121002,2026-11-20,AM,N\n"
    "Y998200121001,2026-11-19,AM,/\nM998200121002,2026-11-19,AM,I\n",
}


def test_the_morning_s_list_from_files_alone(tmp_path: Path, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.FIXED_NOW = "2026-11-22T10:00:00+00:00"
    for what, text in FILES.items():
        path = tmp_path / f"{what}.csv"
        path.write_text(text, encoding="utf-8")
        school = [] if what == "schools" else ["--school", "998001"]
        call_command("import", what, str(path), *school)
        capsys.readouterr()
        call_command("import", what, str(path), *school)
        assert "Nothing to change" in capsys.readouterr().out
    call_command("night", "--as-of", "2026-11-20")
    capsys.readouterr()
    call_command("today", "--school", "998001", "--as-of", "2026-11-20T09:40", "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["counts"]["on_roll"] == 2
    (missing,) = told["missing"]
    assert missing["name"] == "Tom O'Brien-Ñandú <script>"
    assert missing["next"]["number"] == "01632 960102", (
        "a contact of a pupil who is new here holds from the first day on roll"
    )
    call_command("measures", "--school", "998001", "--format", "csv")
    lines = capsys.readouterr().out.strip().splitlines()
    assert lines[0].startswith("upn,school_urn,from,to,possible,attended,absent")
    assert lines[1].startswith("M998200121002,998001,")
    assert lines[1].split(",")[4:7] == ["2", "0", "2"]
