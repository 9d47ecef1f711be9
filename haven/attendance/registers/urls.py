"""Addresses of registers."""

from django.urls import path

from haven.attendance.registers import address_parts  # noqa: F401  (registers the converters of addresses)
from haven.attendance.registers.views import choosing, corrections, marks, registers

HERE = "s/<int:urn>/registers/"
app_name = "registers"
urlpatterns = [
    path(HERE, registers.registers, name="registers"),
    path(f"{HERE}school/", registers.school_day, name="school_day"),
    path(f"{HERE}class/<int:group_id>/", registers.class_day, name="class_day"),
    path(f"{HERE}class/<int:group_id>/week/", registers.class_week, name="class_week"),
    path(f"{HERE}choose/", choosing.choose, name="choose"),
    path(f"{HERE}missing/", registers.missing, name="missing"),
    path(f"{HERE}mark/<uuid:enrolment>/<iso_day:on>/<half:half>/", marks.mark, name="mark"),
    path(f"{HERE}codes/", marks.codes, name="codes"),
    path(f"{HERE}unexplained/", corrections.unexplained, name="unexplained"),
    path(f"{HERE}corrections/", corrections.corrections, name="corrections"),
    path(f"{HERE}corrections/<uuid:ref>/", corrections.correction, name="correction"),
    path(f"{HERE}consistency/", corrections.consistency, name="consistency"),
]
