"""What a slice shows on a pupil's page: a panel. Slices are named in the setting HAVEN_PUPIL_PANELS, in the order of the page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Panel:
    """A part of a pupil's page. `column` is "main" (wide, under its own heading) or "aside" (a narrow box). `template` is included with
    `context` beside `viewer`, `place`, `pupil` and `at`. A slice with nothing that this viewer may see gives None instead."""

    title: str
    template: str
    context: Mapping[str, Any]
    column: str = "aside"
