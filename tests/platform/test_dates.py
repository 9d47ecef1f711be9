import datetime as dt

from haven.platform.dates import in_words, moment_in_words, weekday_in_words, weekday_without_year


def test_days_and_moments_in_words() -> None:
    on, at = dt.date(2026, 1, 4), dt.datetime(2026, 1, 4, 9, 5)
    assert (in_words(on), in_words(at)) == ("4 January 2026", "4 January 2026")
    assert weekday_in_words(on) == "Sunday 4 January 2026"
    assert weekday_without_year(on) == "Sunday 4 January"
    assert moment_in_words(at) == "4 January 2026, 09:05"
