"""A class's attendance for the wall of its room."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from haven import clock
from haven.attendance.forms.questions import ClassForm
from haven.attendance.measures import NoMeasures
from haven.attendance.poster import posters
from haven.attendance.views.asking import place_with_registers, school_frame
from haven.schools.queries import school_by_urn


def poster(request: HttpRequest, urn: int) -> HttpResponse:
    """What may hang on the wall of this class?"""
    place = place_with_registers(request, urn)
    school = school_by_urn(urn)
    if school is None:
        raise Http404
    context = school_frame(request, place, "Class posters")
    try:
        found = posters(school=school, on=clock.today())
    except NoMeasures as problem:
        return render(request, "attendance/poster.html", {**context, "why": str(problem)})
    if not found:
        return render(request, "attendance/poster.html", context)
    form = ClassForm(request.GET, groups=list(found))
    if not form.is_valid():
        return render(request, "attendance/poster.html", {**context, "form": form}, status=422)
    chosen = found[form.cleaned_data["group"]]
    return render(request, "attendance/poster.html", {**context, "form": form, "poster": chosen})
