"""The imports of a school, and the saved column mappings of its files."""

from __future__ import annotations

from uuid import UUID

from haven.exchange.imports.models import ImportRun
from haven.exchange.imports.runs.locks import is_left_behind


def runs_of(school_id: int, *, limit: int = 100) -> list[ImportRun]:
    """The newest imports of a school that the viewer may see, newest first; without any: an empty list."""
    return list(ImportRun.objects.filter(school_id=school_id).order_by("-received_at", "-id")[:limit])


def run_by_ref(school_id: int, ref: UUID) -> ImportRun | None:
    """One import of a school; None if the viewer may see none with this reference."""
    return ImportRun.objects.select_related("school").filter(school_id=school_id, ref=ref).first()


def run_named(ref: UUID) -> ImportRun | None:
    """One import by its reference alone, for a job."""
    return ImportRun.objects.select_related("school").filter(ref=ref).first()


def saved_mapping(school_id: int, word: str) -> dict[str, str]:
    """The column mapping last chosen for files of this type at the school; empty without one."""
    runs = (
        ImportRun.objects.filter(school_id=school_id, format=word).exclude(mapping={}).order_by("-received_at", "-id")
    )
    mapping = runs.values_list("mapping", flat=True).first()
    return dict(mapping) if mapping else {}


def left_behind(school_id: int | None = None) -> list[ImportRun]:
    """The runs, of one school or of all that the viewer sees, whose state is that of a running job although no job works on them: a server
    or a worker stopped in the middle. Without any: an empty list."""
    runs = ImportRun.objects.filter(state__in=("applying", "reading", "undoing")).order_by("id")
    runs = runs.filter(school_id=school_id) if school_id else runs
    interrupted = [run.pk for run in runs if is_left_behind(run.ref)]
    return list(runs.filter(pk__in=interrupted))
