"""Addresses of first-day response: Today, the vulnerable pupils list, the late gate and the end of the day."""

from django.urls import path

from haven.attendance.follow_up.views import end_of_day, late, today

app_name = "follow_up"
urlpatterns = [
    path("s/<int:urn>/today/", today.today, name="today"),
    path("s/<int:urn>/today/pulse/", today.pulse, name="pulse"),
    path("s/<int:urn>/today/order/", today.order, name="order"),
    path("s/<int:urn>/today/vulnerable/", end_of_day.vulnerable, name="vulnerable"),
    path("s/<int:urn>/today/vulnerable/<uuid:ref>/", end_of_day.tick, name="tick"),
    path("s/<int:urn>/today/end/", end_of_day.end_day, name="end_day"),
    path("s/<int:urn>/today/end/reopen/", end_of_day.reopen, name="reopen_day"),
    path("s/<int:urn>/today/hand-over/", end_of_day.hand_over, name="hand_over"),
    path("s/<int:urn>/today/hand-over/<uuid:ref>/read/", end_of_day.read_note, name="read_note"),
    path("s/<int:urn>/today/remind/<int:group_id>/", today.remind, name="remind"),
    path("s/<int:urn>/today/<uuid:ref>/<slug:verb>/", today.act, name="act"),
    path("s/<int:urn>/late/", late.late, name="late"),
    path("s/<int:urn>/pupils/<uuid:ref>/contact/", today.log_contact, name="log_contact"),
]
