"""Addresses of reports: each report's folder declares its own (see registry.py)."""

from haven.attendance.reports.registry import reports

app_name = "reports"
urlpatterns = [report.url_pattern() for report in reports()]
