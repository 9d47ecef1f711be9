"""What every page carries: who is looking, where, and the way to the other pages."""

from typing import Any

from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, Any]:
    """Context of the base page."""
    return {"viewer": getattr(request, "viewer", None)}
