"""Addresses of registers."""

from datetime import date

from django.urls import path, register_converter

from haven.attendance.views import (
    calendar,
    choosing,
    corrections,
    estimate,
    groups,
    impact,
    lines,
    marks,
    pack,
    plans,
    poster,
    registers,
    school,
    schools,
    suspended,
    unusual,
)
from haven.rules.sessions import year_bounds

app_name = "attendance"


class Day:
    """A day in an address: 2026-01-14."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()


class Year:
    """An academic year in an address: 2025-26."""

    regex = r"\d{4}-\d{2}"

    def to_python(self, value: str) -> str:
        year_bounds(value)  # ValueError: no such year, so no such page
        return value

    def to_url(self, value: str) -> str:
        return value


class HalfDay:
    """AM or PM."""

    regex = "AM|PM"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return str(value)


register_converter(Day, "iso_day")
register_converter(HalfDay, "half")
register_converter(Year, "school_year")

HERE = "s/<int:urn>/registers/"
YEARS = "s/<int:urn>/calendar/"
urlpatterns = [
    path(HERE, registers.registers, name="registers"),
    path(f"{HERE}school/", registers.school_day, name="school_day"),
    path(f"{HERE}class/<int:group_id>/", registers.class_day, name="class_day"),
    path(f"{HERE}class/<int:group_id>/week/", registers.class_week, name="class_week"),
    path(f"{HERE}choose/", choosing.choose, name="choose"),
    path(f"{HERE}missing/", registers.missing, name="missing"),
    path(f"{HERE}mark/<uuid:enrolment>/<iso_day:on>/<half:half>/", marks.mark, name="mark"),
    path(f"{HERE}codes/", marks.codes, name="codes"),
    path(f"{HERE}planned/", plans.plans, name="plans"),
    path(f"{HERE}planned/add/", plans.add_plan, name="add_plan"),
    path(f"{HERE}planned/<uuid:ref>/withdraw/", plans.withdraw, name="withdraw_plan"),
    path(f"{HERE}unexplained/", corrections.unexplained, name="unexplained"),
    path(f"{HERE}corrections/", corrections.corrections, name="corrections"),
    path(f"{HERE}corrections/<uuid:ref>/", corrections.correction, name="correction"),
    path(f"{HERE}consistency/", corrections.consistency, name="consistency"),
    path("schools/attendance/", schools.schools, name="schools"),
    path("schools/attendance/severe/", schools.severe, name="severe"),
    path("s/<int:urn>/attendance/", school.school, name="school"),
    path("s/<int:urn>/attendance/groups/", groups.groups, name="groups"),
    path("s/<int:urn>/attendance/stands-out/", unusual.unusual, name="unusual"),
    path("s/<int:urn>/attendance/pack/", pack.pack, name="pack"),
    path("s/<int:urn>/attendance/posters/", poster.poster, name="poster"),
    path("s/<int:urn>/attendance/crossed/", lines.crossed, name="crossed"),
    path("s/<int:urn>/attendance/pupils/", lines.within, name="within"),
    path("s/<int:urn>/attendance/suspended/", suspended.suspended, name="suspended"),
    path("s/<int:urn>/attendance/without-names/", groups.outside, name="outside"),
    path("s/<int:urn>/attendance/estimate/", estimate.estimate, name="estimate"),
    path("s/<int:urn>/attendance/impact/", impact.impact, name="impact"),
    path("s/<int:urn>/attendance/impact/pupils/", impact.impact_pupils, name="impact_pupils"),
    path(YEARS, calendar.calendar, name="calendar"),
    path(f"{YEARS}<school_year:year>/add/<slug:kind>/", calendar.add_stretch, name="add_stretch"),
    path(f"{YEARS}<school_year:year>/<int:span_id>/", calendar.change_stretch, name="edit_stretch"),
    path(f"{YEARS}<school_year:year>/<int:span_id>/away/", calendar.take_stretch_away, name="end_stretch"),
]
