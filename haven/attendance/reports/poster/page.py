"""A class's attendance as a poster for its classroom."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from haven.attendance.registers.permissions import may_see_registers
from haven.attendance.reports.forms import ClassForm
from haven.attendance.reports.measures import NoMeasures
from haven.attendance.reports.page import school_frame
from haven.attendance.reports.poster.query import posters
from haven.attendance.reports.registry import SchoolReport, Subject
from haven.core.schools.queries import school_by_urn
from haven.platform import clock
from haven.platform.accounts.lookup import place_or_404


def poster(request: HttpRequest, urn: int) -> HttpResponse:
    """The poster of one class."""
    place = place_or_404(request, urn)
    school = school_by_urn(urn)
    if school is None:
        raise Http404
    context = school_frame(request, place, "Class posters")
    try:
        by_class = posters(school=school, on=clock.today())
    except NoMeasures as problem:
        return render(request, "reports/poster/poster.html", {**context, "why": str(problem)})
    if not by_class:
        return render(request, "reports/poster/poster.html", context)
    form = ClassForm(request.GET, groups=list(by_class))
    if not form.is_valid():
        return render(request, "reports/poster/poster.html", {**context, "form": form}, status=422)
    chosen = by_class[form.cleaned_data["group"]]
    return render(request, "reports/poster/poster.html", {**context, "form": form, "poster": chosen})


PAGES = (
    SchoolReport(
        name="poster", address="posters/", view=poster, may_open=may_see_registers, title="Class posters",
        subject=Subject.SUPPORT, position=30,
    ),
)  # fmt: skip
