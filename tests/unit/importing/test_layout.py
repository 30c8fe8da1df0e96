from collections.abc import Mapping

import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import given
from hypothesis import strategies as st

from gateway.importing.layout import HeaderError, Layout, property_key
from gateway.importing.members import MEMBERS
from gateway.importing.row import Problem
from gateway.importing.schema import ColumnType, folded
from gateway.importing.sessions import Moment
from gateway.records import Kind

INTERACTION = ["USER_ID", "ITEM_ID", "EVENT_TYPE", "TIMESTAMP"]


def schema(**types: str) -> Mapping[str, ColumnType]:
    """Return a schema; a type that ends in ? is nullable."""
    return {
        folded(name): ColumnType(name, type_.rstrip("?"), nullable=type_.endswith("?"))
        for name, type_ in types.items()
    }


@pytest.mark.parametrize(
    ("column", "key"),
    [
        ("NUMBER_OF_RATINGS", "numberOfRatings"),
        ("CATEGORY_L1", "categoryL1"),
        ("GENRES_FIELD_1", "genresField1"),
        ("PRICE", "price"),
        ("price", "price"),
        ("number_of_ratings", "numberOfRatings"),
        ("numberOfRatings", "numberOfRatings"),
        ("NumberOfRatings", "numberOfRatings"),
        ("_PRICE__EUR_", "priceEur"),
    ],
)
def test_column_becomes_a_camel_case_key(column: str, key: str) -> None:
    """Columns in other forms than UPPER_SNAKE are understood too."""
    assert property_key(column) == key


@given(st.from_regex(r"[A-Za-z0-9_]*[A-Za-z0-9][A-Za-z0-9_]*", fullmatch=True))
def test_key_matches_its_column(column: str) -> None:
    """Personalize finds the column of a key without regard to case and underscores."""
    assert folded(property_key(column)) == folded(column)


def test_row_of_events_becomes_an_event() -> None:
    """Every column with a field goes there, the others become properties as text."""
    header = [
        *INTERACTION,
        "SESSION_ID",
        "EVENT_ID",
        "EVENT_VALUE",
        "IMPRESSION",
        "RECOMMENDATION_ID",
        "EVENT_ATTRIBUTION_SOURCE",
        "NUMBER_OF_RATINGS",
        "GTIN",
    ]
    row = ["u", "i", "Buy", "1787462253", "s", "e", "1.50", "a|b", "RID", "mail", "12", "0042"]
    record, problems = Layout(header, Kind.EVENTS).record(row)
    assert problems == []
    assert MessageToDict(record) == {
        "event": {
            "userId": "u",
            "itemId": "i",
            "eventType": "Buy",
            "eventTime": "2026-08-23T05:17:33Z",
            "sessionId": "s",
            "eventId": "e",
            "eventValue": 1.5,
            "impression": ["a", "b"],
            "recommendationId": "RID",
            "eventAttributionSource": "mail",
            "properties": {"numberOfRatings": "12", "gtin": "0042"},
        }
    }


def test_empty_cells_are_left_out() -> None:
    """An unset field is no empty string, and no property is there without a value."""
    header = [*INTERACTION, "EVENT_VALUE", "IMPRESSION", "DISCOUNT"]
    record, problems = Layout(header, Kind.EVENTS).record(["", "i", "View", "5", "", "", ""])
    assert problems == []
    assert MessageToDict(record) == {
        "event": {"itemId": "i", "eventType": "View", "eventTime": "1970-01-01T00:00:05Z"}
    }


@pytest.mark.parametrize(
    ("kind", "member", "key"),
    [
        (Kind.ITEMS, "item", "ITEM_ID"),
        (Kind.USERS, "user", "USER_ID"),
        (Kind.ACTIONS, "action", "ACTION_ID"),
    ],
)
def test_row_of_the_catalogue_becomes_its_record(kind: Kind, member: str, key: str) -> None:
    """What is a field of an event is a property here."""
    record, problems = Layout([key, "TIMESTAMP", "VALUE"], kind).record(["x", "5", "1"])
    (id_,) = (name for name in ("itemId", "userId", "actionId") if folded(name) == folded(key))
    assert problems == []
    assert MessageToDict(record) == {
        member: {id_: "x", "properties": {"timestamp": "5", "value": "1"}}
    }


def test_schema_gives_the_types() -> None:
    """Columns that a record has fields for need no type."""
    layout = Layout(
        ["ITEM_ID", "PRICE", "STOCK", "GTIN", "NEW", "NOTE"],
        Kind.ITEMS,
        schema(
            ITEM_ID="string",
            PRICE="float",
            STOCK="long?",
            GTIN="string",
            NEW="boolean",
            NOTE="string",
        ),
    )
    record, problems = layout.record(["7", "12.5", "", "0042", "True", ""])
    assert problems == []
    assert MessageToDict(record)["item"] == {
        "itemId": "7",
        "properties": {"price": 12.5, "gtin": "0042", "new": True, "note": ""},
    }


def test_every_problem_of_a_row_is_found() -> None:
    """Each names its column and its rule."""
    layout = Layout(
        [*INTERACTION, "EVENT_VALUE", "QUANTITY", "STOCK"],
        Kind.EVENTS,
        schema(QUANTITY="int", STOCK="int"),
    )
    _, problems = layout.record(["u", "", "", "1787462253.5", "free", "many", ""])
    assert [(problem.field, problem.rule) for problem in problems] == [
        ("ITEM_ID", "REQUIRED"),
        ("EVENT_TYPE", "REQUIRED"),
        ("TIMESTAMP", "TIMESTAMP"),
        ("EVENT_VALUE", "PROPERTY_TYPE"),
        ("QUANTITY", "PROPERTY_TYPE"),
        ("STOCK", "MISSING_PROPERTY"),
    ]
    assert str(problems[0]) == "ITEM_ID: REQUIRED: is empty"
    assert str(Problem("", "MALFORMED_ROW", "is none")) == "MALFORMED_ROW: is none"


@pytest.mark.parametrize(
    ("header", "kind", "said"),
    [
        (["ITEM_ID", ""], Kind.ITEMS, "column 2 has no name"),
        (["ITEM_ID", "_"], Kind.ITEMS, "column 2 has no name"),
        (["ITEM_ID", "PRICE", "price"], Kind.ITEMS, "'PRICE' and 'price' are the same"),
        (["USER_ID"], Kind.ITEMS, "no column ITEM_ID"),
        (["PRICE"], Kind.EVENTS, "no column EVENT_TYPE, TIMESTAMP, ITEM_ID, USER_ID or SESSION_ID"),
        (INTERACTION, Kind.ACTION_INTERACTIONS, "no column ACTION_ID"),
        (["ITEM_ID", "PRICE", "COLOUR"], Kind.ITEMS, "the schema has no column COLOUR"),
        (["ITEM_ID"], Kind.ITEMS, "no column PRICE, which the schema requires"),
    ],
)
def test_header_that_does_not_fit_is_refused(header: list[str], kind: Kind, said: str) -> None:
    """The message names the column."""
    types = schema(ITEM_ID="string", PRICE="float", NOTE="string?")
    with pytest.raises(HeaderError, match=said):
        Layout(header, kind, types if kind is Kind.ITEMS else None)


def test_columns_of_refused_rows_are_left_out() -> None:
    """A file of refused rows is imported as it is."""
    layout = Layout(["REFUSED_LINE", "REFUSED_BECAUSE", "USER_ID", "AGE"], Kind.USERS)
    record, _ = layout.record(["3", "AGE: PROPERTY_TYPE", "u", "31"])
    assert MessageToDict(record)["user"] == {"userId": "u", "properties": {"age": "31"}}


@pytest.mark.parametrize(
    ("cells", "moment"),
    [
        (["u", "5", ""], Moment("u", 5)),
        (["u", "5", "s"], None),
        (["", "5", ""], None),
        (["u", "soon", ""], None),
        (["u", "9" * 20, ""], None),
    ],
)
def test_session_is_derived_where_there_is_none(cells: list[str], moment: Moment | None) -> None:
    """That needs a user and a time."""
    layout = Layout(["USER_ID", "TIMESTAMP", "SESSION_ID", "ITEM_ID", "EVENT_TYPE"], Kind.EVENTS)
    assert layout.moment([*cells, "i", "View"]) == moment


def test_catalogue_has_no_sessions() -> None:
    """A user with a time is no interaction."""
    assert Layout(["USER_ID", "TIMESTAMP"], Kind.USERS).moment(["u", "5"]) is None


def test_every_column_name_is_known_by_its_folded_form() -> None:
    """No two members of a kind fold to the same."""
    for members in MEMBERS.values():
        assert len({folded(name) for name in members}) == len(members)
