import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dataset_schema import COLUMN_TYPES, Column
from gateway.encoding.column import Fitted, Misfit, Scalar, fitted

TYPE, RANGE = Misfit.TYPE, Misfit.RANGE
FINITE = st.floats(allow_nan=False, allow_infinity=False)
MAX_FLOAT = 3.4028234663852886e38

CASES: list[tuple[str, Scalar, Fitted]] = [
    ("string", "", ""),
    ("string", "31", "31"),
    ("string", 31, "31"),
    ("string", 31.5, "31.5"),
    ("string", -1e-7, "-1e-07"),
    ("string", True, TYPE),
    ("int", 31, 31),
    ("int", 31.5, TYPE),
    ("int", "31", 31),
    ("int", "+31", 31),
    ("int", "-007", -7),
    ("int", "-0", 0),
    ("int", "31.0", TYPE),
    ("int", "", TYPE),
    ("int", "-", TYPE),
    ("int", " 1", TYPE),
    ("int", "1\n", TYPE),
    ("int", "٣", TYPE),
    ("int", "1_000", TYPE),
    ("int", True, TYPE),
    ("int", 2**31 - 1, 2**31 - 1),
    ("int", 2**31, RANGE),
    ("int", "-2147483648", -(2**31)),
    ("int", "-2147483649", RANGE),
    ("long", 2**53 - 1, 2**53 - 1),
    ("long", 2.0**60, 2**60),
    ("long", 2.0**63, RANGE),
    ("long", "9223372036854775807", 2**63 - 1),
    ("long", "9223372036854775808", RANGE),
    ("long", "-9223372036854775808", -(2**63)),
    ("long", "0" * 30_000 + "7", 7),
    ("long", "9" * 30_000, RANGE),
    ("float", 31, 31.0),
    ("float", "12.99", 12.99),
    ("float", "-0", 0.0),
    ("double", -0.0, 0.0),
    ("float", ".5", 0.5),
    ("float", "5.", 5.0),
    ("float", "1e3", 1000.0),
    ("float", ".", TYPE),
    ("float", "1e", TYPE),
    ("float", "nan", TYPE),
    ("float", "inf", TYPE),
    ("float", "1,5", TYPE),
    ("float", False, TYPE),
    ("float", "3.4028234663852886e38", MAX_FLOAT),
    ("float", "3.4028236e38", RANGE),
    ("float", "1e400", RANGE),
    ("float", "1" * 30_000 + "x", TYPE),
    ("double", "3.4028236e38", 3.4028236e38),
    ("double", "-1e400", RANGE),
    ("double", "1e-400", 0.0),
    ("boolean", True, True),
    ("boolean", "True", True),
    ("boolean", "fALSE", False),
    ("boolean", "yes", TYPE),
    ("boolean", 1, TYPE),
]


@pytest.mark.parametrize(("type_", "value", "expected"), CASES, ids=range(len(CASES)))
def test_a_value_becomes_one_of_the_type(type_: str, value: Scalar, expected: Fitted) -> None:
    """What can be meant in one way is converted, and the result is of the type itself."""
    found = fitted(value, Column("C", type_))
    assert (repr(found), type(found)) == (repr(expected), type(expected))


@given(
    st.sampled_from(sorted(COLUMN_TYPES)),
    st.sampled_from([value for _, value, _ in CASES]) | st.text() | FINITE,
)
def test_what_is_fitted_stays_as_it_is(type_: str, value: Scalar) -> None:
    """Fitting again what was fitted changes nothing."""
    column = Column("C", type_)
    once = fitted(value, column)
    if not isinstance(once, Misfit):
        again = fitted(once, column)
        assert (again, type(again)) == (once, type(once))
