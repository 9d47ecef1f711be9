"""What all pictures share: the frame with its name and description, the hatchings, and the text of days and shares."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


def per_cent(share: float | None) -> str:
    return "\N{EN DASH}" if share is None else f"{share * 100:.1f}\N{NO-BREAK SPACE}%"


def frame(
    width: float,
    height: float,
    title: str,
    description: str,
    name: str,
    body: Iterable[SafeString],
    *,
    patterns: bool = False,
) -> SafeString:
    described = format_html('<desc id="{}-desc">{}</desc>', name, description) if description else ""
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{}-title{}" width="{}" height="{}" '
        'viewBox="0 0 {} {}"><title id="{}-title">{}</title>{}{}{}</svg>',
        name,
        f" {name}-desc" if description else "",
        width,
        height,
        width,
        height,
        name,
        title,
        described,
        hatchings(name) if patterns else "",
        mark_safe("".join(body)),  # every part was made by format_html
    )


def hatchings(name: str) -> SafeString:
    return format_html(
        '<defs><pattern id="{0}-lines" width="4" height="4" patternUnits="userSpaceOnUse">'
        '<path class="pic-pattern-lines" d="M0 4 4 0M-1 1 1 -1M3 5 5 3"/></pattern>'
        '<pattern id="{0}-dots" width="5" height="5" patternUnits="userSpaceOnUse">'
        '<circle class="pic-pattern-dots" cx="1.5" cy="1.5" r=".8"/></pattern>'
        '<pattern id="{0}-cross" width="5" height="5" patternUnits="userSpaceOnUse">'
        '<path class="pic-pattern-cross" d="M0 0 5 5M5 0 0 5"/></pattern></defs>',
        name,
    )
