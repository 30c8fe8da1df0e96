r"""The header `x-forwarded-client-cert`: what proxies tell of the certificates that they checked.

Its grammar is that of Envoy ("HTTP header manipulation", section x-forwarded-client-cert): elements
parted by commas, the nearest proxy's last; pairs `key=value` parted by semicolons, some keys
several times; values in double quotes where they hold one of `,;=`, with `\"` for a quote.
"""

import re
from collections.abc import Sequence

Element = Sequence[tuple[str, str]]
"""What one proxy tells: its pairs in order, the keys in lower case."""

# A backslash takes the character behind it along, whatever that is: a name in RFC 2253's form ends
# in an escaped backslash where it ends in a backslash.
_PAIR = re.compile(r'[ \t]*([A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^",;]*))[ \t]*', re.DOTALL)


class MalformedHeader(ValueError):
    """The header is not of Envoy's form. Its text quotes nothing of it."""


def elements(header: str) -> list[Element]:
    """Return what each proxy tells, the nearest one last.

    Raises:
        MalformedHeader: it is not of Envoy's form.
    """
    found: list[list[tuple[str, str]]] = [[]]
    position = 0
    while True:
        pair = _PAIR.match(header, position)
        if pair is None:
            raise MalformedHeader(f"there is no key=value at character {position}")
        key, quoted, plain = pair.groups()
        value = plain.strip() if quoted is None else quoted.replace('\\"', '"')
        found[-1].append((key.lower(), value))
        position = pair.end()
        if position == len(header):
            return list(found)
        if header[position] == ",":
            found.append([])
        elif header[position] != ";":
            raise MalformedHeader(f"there is neither , nor ; at character {position}")
        position += 1


def values(element: Element, key: str) -> list[str]:
    """Return the values of a key that are not empty, in order."""
    return [value for name, value in element if name == key and value]
