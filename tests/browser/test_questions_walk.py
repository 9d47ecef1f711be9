"""The school's questions in a real browser, with the keyboard: figures by group, and what may leave the school."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Walk

pytestmark = pytest.mark.browser


def press_on(walk: Walk, control: Locator) -> None:
    control.focus()
    walk.page.keyboard.press("Enter")


def test_figures_by_group_and_one_group_week_by_week(walk: Walk) -> None:
    walk.sign_in("attendance_officer")
    page = walk.page
    walk.open(f"/s/{walk.served.schools['secondary']}/attendance/")
    press_on(walk, page.locator("main a", has_text="Figures by group"))
    expect(page.locator("h1")).to_have_text("Figures by group")
    walk.check()
    page.locator("[name=by]").select_option("sen")
    page.fill("[name=from_on]", "1 November 2025")
    press_on(walk, page.locator("main button", has_text="Show"))
    expect(page.locator(".haven-lead")).to_contain_text("1 November 2025 to 14 January 2026")
    press_on(walk, page.locator("main table a", has_text="SEN support").first)
    expect(page.locator("h2", has_text="SEN support, week by week")).to_be_visible()
    walk.check()
    press_on(walk, page.locator("main nav a", has_text="Anonymised figures"))
    expect(page.locator("h1")).to_have_text("Anonymised figures")
    with page.expect_download() as download:
        press_on(walk, page.locator("main a", has_text="CSV"))
    assert download.value.suggested_filename.startswith("anonymised-by-year")


def test_a_governor_sees_groups_and_no_file(walk: Walk) -> None:
    walk.sign_in("governor")
    page = walk.page
    walk.open(f"/s/{walk.served.schools['secondary']}/attendance/")
    press_on(walk, page.locator("main nav a", has_text="Anonymised figures"))
    page.locator("[name=by]").select_option("ethnicity")
    press_on(walk, page.locator("main button", has_text="Show"))
    expect(page.locator("main table")).to_contain_text("White British")
    expect(page.locator("main a", has_text="CSV")).to_have_count(0)
    walk.check()


def test_who_crossed_a_line_and_who_stands_within(walk: Walk) -> None:
    walk.sign_in("attendance_officer")
    page = walk.page
    walk.open(f"/s/{walk.served.schools['secondary']}/attendance/")
    press_on(walk, page.locator("main nav a", has_text="Unusual this week"))
    press_on(walk, page.locator("summary", has_text="How this was worked out"))
    expect(page.locator("main table")).to_contain_text("All pupils")
    walk.check()
    press_on(walk, page.locator("main nav a", has_text="Pupils crossing a threshold"))
    page.fill("[name=since]", "1 December 2025")
    page.locator("[name=line]").select_option("illness")
    press_on(walk, page.locator("main button", has_text="Show"))
    expect(page.locator(".haven-lead")).to_contain_text("1 December 2025 to 14 January 2026")
    expect(page.locator("main table").nth(1)).to_contain_text("sessions of illness")
    walk.check()
    press_on(walk, page.locator("main nav a", has_text="Pupils by attendance"))
    expect(page.locator("h1")).to_have_text("Pupils by attendance")
    page.locator("[name=year]").select_option("8")
    press_on(walk, page.locator("main button", has_text="Show"))
    expect(page.locator("main table")).to_contain_text("Year 8")
    walk.check()
    press_on(walk, page.locator("main table tbody a").first)
    expect(page.locator("h2", has_text="Attendance this year").first).to_be_visible()


def test_a_trust_lead_sees_her_schools_side_by_side_and_no_child(walk: Walk) -> None:
    walk.sign_in("trust_lead")
    page = walk.page
    press_on(walk, page.locator("main a", has_text="Compare your schools"))
    expect(page.locator("h1")).to_have_text("Compare your schools")
    expect(page.locator("main tbody tr")).to_have_count(4)
    expect(page.locator("main a", has_text="everely absent pupils")).to_have_count(0)
    walk.check()
    press_on(walk, page.locator("main tbody a").first)
    expect(page.locator("h1")).to_have_text("School attendance")


def test_a_practitioner_finds_the_severely_absent_children_referred_to_her(walk: Walk) -> None:
    walk.sign_in("authority_practitioner")
    page = walk.page
    walk.open("/schools/attendance/")
    press_on(walk, page.locator("main a", has_text="Severely absent pupils"))
    expect(page.locator("main table")).to_contain_text("Joanne Kershaw")
    walk.check()
    press_on(walk, page.locator("main tbody a").first)
    expect(page.locator("h2", has_text="Attendance this year").first).to_be_visible()


def test_the_meeting_pack_ends_with_what_was_agreed(walk: Walk) -> None:
    walk.sign_in("head")
    page = walk.page
    walk.open(f"/s/{walk.served.schools['secondary']}/attendance/")
    press_on(walk, page.locator("main nav a", has_text="Meeting pack"))
    expect(page.locator("h1")).to_have_text("Targeting support meeting")
    expect(page.locator("main")).to_contain_text("Registers with no marks")
    walk.check()
    page.fill("[name=title]", "Look at codes N each Friday")
    page.locator("[name=role]").select_option("attendance_officer")
    press_on(walk, page.locator("main button", has_text="Add action"))
    expect(page.locator("main table", has_text="Look at codes N each Friday").first).to_contain_text(
        "Attendance officer"
    )
    walk.check()
