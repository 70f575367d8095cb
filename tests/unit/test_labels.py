"""Element labels, as observations print them and as models write them."""

import pytest

from plan_and_act.actions import name_of, ref_of
from plan_and_act.llm.formats import short


@pytest.mark.parametrize(
    ("label", "name", "ref"),
    [
        ('link "Blue Kettle #17"', "Blue Kettle", 17),
        ("link 'Blue Kettle #17'", "Blue Kettle", 17),
        ('link "Blue Kettle" #17', "Blue Kettle", 17),
        ('link "Blue Kettle #17', "Blue Kettle", 17),
        ("Blue Kettle #17", "Blue Kettle", 17),
        ('"Blue Kettle #17"', "Blue Kettle", 17),
        ("Blue Kettle [17]", "Blue Kettle", 17),
        ('link "Blue Kettle"', "Blue Kettle", None),
        ("Blue Kettle", "Blue Kettle", None),
        ("button \"Delete 'foo' #3\"", "Delete 'foo'", 3),
        ("Delete 'foo' #3", "Delete 'foo'", 3),
        ('menuitemradio "\'Tis #3"', "'Tis", 3),
        ('textbox "#5"', "", 5),
        ("#5", "", 5),
        ("17", "", 17),
    ],
)
def test_name_and_number_of_a_label(label: str, name: str, ref: int | None) -> None:
    assert (name_of(label), ref_of(label)) == (name, ref)


def test_a_short_label_is_what_the_page_shows_and_stays_as_it_is() -> None:
    for label, expected in (
        ('link "Blue Kettle #17"', "Blue Kettle #17"),
        ("button \"Delete 'foo' #3\"", "Delete 'foo' #3"),
        ('textbox "#5"', "#5"),
        ("17", "#17"),
        ("Blue Kettle", "Blue Kettle"),
    ):
        assert short(label) == expected
        assert short(short(label)) == expected
