import pytest

from fercli.datasets.readers.dates import iso, require_clear
from fercli.errors import DataError


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2024-03-05", "2024-03-05"),
        (" 2024/3/5 ", "2024-03-05"),
        ("20240305", "2024-03-05"),
        ("2024-03-05T10:30:00", "2024-03-05 10:30:00"),
        ("2024-03-05 10:30", "2024-03-05 10:30"),
        ("5.3.2024", "2024-03-05"),
        ("25/03/2024", "2024-03-25"),
        ("25-03-2024 09:00", "2024-03-25 09:00"),
    ],
)
def test_dates_become_texts_that_sort_by_time(cell, expected):
    require_clear([cell], "a")
    assert iso(cell) == expected


@pytest.mark.parametrize(
    "cell", ["31.02.2024", "2024-13-01", "5.3.24", "March 5", "5.3/2024", "2024-03", "2024111", "2024-03/05"]
)
def test_what_is_no_date_is_refused(cell):
    with pytest.raises(ValueError, match=r"."):
        iso(cell)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["03/04/2024", "05/04/2024"], "which number is the day; found 03/04/2024"),
        (["03-04-2024", "13.04.2024"], "which number is the day; found 03-04-2024"),
        (["03/25/2024", "25/03/2024"], "with the day first; found 03/25/2024"),
        (["03.25.2024"], "with the day first; found 03.25.2024"),
    ],
)
def test_dates_that_may_be_read_in_two_ways_are_refused_with_what_to_do(cells, said):
    with pytest.raises(DataError, match=rf"^visits: .*{said}.*write the dates as 2024-03-25"):
        require_clear(cells, "visits")


@pytest.mark.parametrize(
    ("cells", "dates"),
    [
        (["03/04/2024", "13/04/2024"], ["2024-04-03", "2024-04-13"]),  # one day after the 12th
        (["03/03/2024", "04/04/2024"], ["2024-03-03", "2024-04-04"]),  # the same in both ways
        (["03.04.2024", "05.04.2024"], ["2024-04-03", "2024-04-05"]),  # dots
        ([], []),
    ],
)
def test_dates_that_may_be_read_in_one_way_have_the_day_first(cells, dates):
    require_clear(cells, "visits")
    assert [iso(cell) for cell in cells] == dates
