"""Checks of IDs and other names: is it one at all, and of characters that can be seen."""

import re
from collections.abc import Iterable

from gateway.api import Rule
from gateway.validation.violation import Fault

PLACEHOLDERS = frozenset(
    {"null", "NULL", "(null)", "<null>", "undefined", "None", "NaN", "nan", "nil", "<nil>"}
)
"""What languages print for nothing, as they print it.

White space around it does not count. Letter case does, for there are people called Null and Nan;
and only the whole ID: `none-1` and `nullable` are IDs.
"""

CONTROL_CHARACTER = re.compile("[\x00-\x1f\x7f-\x9f]")
"""C0, DEL and C1: the characters of Unicode's category Cc."""

_NO_ID = (
    "is a word for nothing, or white space: send the ID, or leave the field unset where it is"
    " optional"
)
_NOT_VISIBLE = "has a control character (U+0000 to U+001F, U+007F to U+009F): send it without"


def check_id(field: str, value: str, faults: list[Fault]) -> None:
    """Add the fault of an ID, if it has one. An empty one is the annotations' to judge."""
    if not value:
        return
    bare = value.strip()
    if not bare or bare in PLACEHOLDERS:
        faults.append(Fault(field, Rule.RULE_PLACEHOLDER_ID, _NO_ID))
    else:
        check_name(field, value, faults)


def check_ids(field: str, values: Iterable[str], faults: list[Fault]) -> None:
    """Add the faults of a list of IDs."""
    for index, value in enumerate(values):
        before = len(faults)
        check_id("", value, faults)
        if len(faults) > before:
            faults[-1] = faults[-1]._replace(field=f"{field}[{index}]")


def check_name(field: str, value: str, faults: list[Fault]) -> None:
    """Add the fault of a name that is no ID, if it has one."""
    # `isprintable` costs a third of the search, and no text that passes it has a control character.
    if not value.isprintable() and CONTROL_CHARACTER.search(value):
        faults.append(Fault(field, Rule.RULE_CONTROL_CHARACTER, _NOT_VISIBLE))
