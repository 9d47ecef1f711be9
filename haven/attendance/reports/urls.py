"""Addresses of reports."""

from django.urls import path

from haven.attendance.reports.estimate import page as estimate_page
from haven.attendance.reports.groups import page as groups_page
from haven.attendance.reports.impact import page as impact_page
from haven.attendance.reports.meeting_pack import page as meeting_pack_page
from haven.attendance.reports.poster import page as poster_page
from haven.attendance.reports.school import page as school_page
from haven.attendance.reports.schools import page as schools_page
from haven.attendance.reports.suspended import page as suspended_page
from haven.attendance.reports.thresholds import page as thresholds_page
from haven.attendance.reports.unusual import page as unusual_page

app_name = "reports"
urlpatterns = [
    path("schools/attendance/", schools_page.schools, name="schools"),
    path("schools/attendance/severe/", schools_page.severe, name="severe"),
    path("s/<int:urn>/attendance/", school_page.school, name="school"),
    path("s/<int:urn>/attendance/groups/", groups_page.groups, name="groups"),
    path("s/<int:urn>/attendance/unusual/", unusual_page.unusual, name="unusual"),
    path("s/<int:urn>/attendance/pack/", meeting_pack_page.pack, name="pack"),
    path("s/<int:urn>/attendance/posters/", poster_page.poster, name="poster"),
    path("s/<int:urn>/attendance/thresholds/", thresholds_page.thresholds, name="thresholds"),
    path("s/<int:urn>/attendance/thresholds/pupils/", thresholds_page.pupils_at_threshold, name="pupils_at_threshold"),
    path("s/<int:urn>/attendance/suspended/", suspended_page.suspended, name="suspended"),
    path("s/<int:urn>/attendance/anonymised/", groups_page.anonymised, name="anonymised"),
    path("s/<int:urn>/attendance/estimate/", estimate_page.estimate, name="estimate"),
    path("s/<int:urn>/attendance/impact/", impact_page.impact, name="impact"),
    path("s/<int:urn>/attendance/impact/pupils/", impact_page.impact_pupils, name="impact_pupils"),
]
