"""Addresses of the front door, of Today and what belongs to it."""

from django.urls import path

from haven.home import end_views, front_views, kept_views, late_views, pupil_views, today_views

app_name = "home"
urlpatterns = [
    path("", front_views.front, name="front"),
    path("schools/", front_views.schools, name="schools"),
    path("schools/switch/", front_views.switch_school, name="switch_school"),
    path("kept/", kept_views.kept, name="kept"),
    path("kept/<uuid:ref>/throw-away/", kept_views.throw_away, name="throw_away"),
    path("s/<int:urn>/today/", today_views.today, name="today"),
    path("s/<int:urn>/today/pulse/", today_views.pulse, name="pulse"),
    path("s/<int:urn>/today/order/", today_views.order, name="order"),
    path("s/<int:urn>/today/vulnerable/", end_views.vulnerable, name="vulnerable"),
    path("s/<int:urn>/today/vulnerable/<uuid:ref>/", end_views.tick, name="tick"),
    path("s/<int:urn>/today/end/", end_views.end_day, name="end_day"),
    path("s/<int:urn>/today/end/reopen/", end_views.reopen, name="reopen_day"),
    path("s/<int:urn>/today/hand-over/", end_views.hand_over, name="hand_over"),
    path("s/<int:urn>/today/hand-over/<uuid:ref>/read/", end_views.read_note, name="read_note"),
    path("s/<int:urn>/today/remind/<int:group_id>/", today_views.remind, name="remind"),
    path("s/<int:urn>/today/<uuid:ref>/<slug:verb>/", today_views.act, name="act"),
    path("s/<int:urn>/pupils/<uuid:ref>/", pupil_views.page, name="pupil"),
    path("s/<int:urn>/late/", late_views.late, name="late"),
    path("s/<int:urn>/pupils/<uuid:ref>/contact/", today_views.log_contact, name="log_contact"),
]
