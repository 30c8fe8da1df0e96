import pytest

from gateway.importing.cells import READERS, Unfit


@pytest.mark.parametrize(
    ("type_", "cell", "value"),
    [
        ("string", "0042", "0042"),
        ("string", "", ""),
        ("int", "-31", -31),
        ("int", "007", 7),
        ("int", "2147483647", 2147483647),
        ("long", "9007199254740991", 9007199254740991),
        ("long", "9007199254740992", "9007199254740992"),
        ("long", "-9223372036854775808", "-9223372036854775808"),
        ("float", "129.99", 129.99),
        ("float", "1e3", 1000.0),
        ("float", ".5", 0.5),
        ("double", "1e300", "1e300"),
        ("boolean", "TRUE", True),
        ("boolean", "false", False),
    ],
)
def test_cell_becomes_a_value_of_its_type(type_: str, cell: str, value: object) -> None:
    """Numbers are numbers, but for those that a Struct would not hold exactly."""
    found = READERS[type_](cell)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ("type_", "cell", "rule"),
    [
        ("int", "2147483648", "PROPERTY_RANGE"),
        ("int", "31.0", "PROPERTY_TYPE"),
        ("int", "1_000", "PROPERTY_TYPE"),
        ("int", " 1", "PROPERTY_TYPE"),
        ("int", "٣", "PROPERTY_TYPE"),
        ("long", "9223372036854775808", "PROPERTY_RANGE"),
        ("long", "9" * 5000, "PROPERTY_TYPE"),
        ("float", "3.5e38", "PROPERTY_RANGE"),
        ("float", "NaN", "PROPERTY_TYPE"),
        ("float", "inf", "PROPERTY_TYPE"),
        ("float", "1,5", "PROPERTY_TYPE"),
        ("double", "1e400", "PROPERTY_RANGE"),
        ("boolean", "yes", "PROPERTY_TYPE"),
        ("boolean", "", "PROPERTY_TYPE"),
    ],
)
def test_cell_that_is_no_value_of_its_type_is_unfit(type_: str, cell: str, rule: str) -> None:
    """What Python would read generously is not read here."""
    with pytest.raises(Unfit) as raised:
        READERS[type_](cell)
    assert raised.value.rule == rule
