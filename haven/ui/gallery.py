"""Invented content for the gallery: no person, no school, only shapes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def pieces(request: HttpRequest) -> dict[str, Any]:
    return {}
