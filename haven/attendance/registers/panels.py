"""The attendance panel of a pupil's page: the year at a glance, sessions first and then percentages."""

from datetime import timedelta

from haven.attendance.registers.queries.days import last_begun
from haven.attendance.registers.queries.figures import year_figures
from haven.attendance.registers.queries.marks import changed_marks, pupil_year
from haven.attendance.registers.queries.visibility_key import pupils_in_sight
from haven.core.people.panel import Panel, PupilPage
from haven.rules.sessions import academic_year_of


def year(page: PupilPage) -> Panel | None:
    """The pupil's register of this academic year at this school; None if the user may not see it."""
    place, pupil, on = page.place, page.pupil, page.on
    in_sight = pupils_in_sight(place.school_id)
    if in_sight is not None and pupil.id not in in_sight:
        return None
    label = academic_year_of(on)
    begun = last_begun(place.school_id, on, page.at)
    cells = pupil_year(pupil_id=pupil.id, year=label, as_of=on, school_id=place.school_id, begun=begun)
    figures = year_figures(school_id=place.school_id, pupil_id=pupil.id, cells=cells, as_of=on) if cells else None
    ends = on + timedelta(days=6 - on.weekday())
    shown = [cell for cell in cells if cell.on <= ends]
    changed = changed_marks(school_id=place.school_id, pupil_id=pupil.id, year=label)
    context = {"changed": changed, "cells": shown, "figures": figures, "year": label, "title": f"{pupil.name}, {label}"}
    return Panel("Attendance this year", "registers/panels/year.html", context, column="main")
