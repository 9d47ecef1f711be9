"""Sentences for what only the database knows: each says what is wrong and what to do, with its place, and no name."""

from __future__ import annotations

from datetime import date

import pytest

from haven.exchange.imports import sentences
from haven.exchange.imports.problems import Problem
from haven.exchange.imports.sentences import Place
from tests.exchange.imports.files import AMY

AT = Place("register.csv", 12, "date")
DAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("problem", "code", "severity", "words"),
    [
        (
            sentences.outside_calendar(AT, on=DAY, half="AM"),
            "outside_calendar",
            "error",
            "no AM session on 21 November 2026",
        ),
        (sentences.no_calendar(AT, academic_year="2026-27"), "no_calendar", "error", "no calendar for 2026-27"),
        (sentences.upn_unknown(AT, upn=AMY), "upn_unknown", "error", f"has the UPN {AMY}"),
        (
            sentences.not_on_roll(AT, on=DAY, first=date(2026, 12, 1), last=None),
            "not_on_roll",
            "error",
            "not on roll on 21 November 2026 (on roll from 1 December 2026).",
        ),
        (
            sentences.not_on_roll(AT, on=DAY, first=None, last=None),
            "not_on_roll",
            "error",
            "not on roll on 21 November 2026.",
        ),
        (
            sentences.not_on_roll(AT, on=DAY, first=DAY, last=DAY),
            "not_on_roll",
            "error",
            "(on roll from 21 November 2026 to 21 November 2026)",
        ),
        (
            sentences.mark_amended(AT, on=DAY, half="PM", before="N", after="I"),
            "mark_amended",
            "query",
            "has N in the register and I in this file",
        ),
        (
            sentences.session_in_future(AT, on=DAY, half="PM"),
            "session_in_future",
            "error",
            "The PM session of 21 November 2026 has not begun",
        ),
    ],
)
def test_a_sentence_of_the_database(problem: Problem, code: str, severity: str, words: str) -> None:
    assert (problem.code, problem.severity, problem.row, problem.column) == (code, severity, 12, "date")
    assert problem.sentence.startswith("register.csv, row 12, column “date”: ") and words in problem.sentence
    assert problem.sentence.endswith(".") and problem.message.count(". ") >= 1, "what is wrong, and what to do"
