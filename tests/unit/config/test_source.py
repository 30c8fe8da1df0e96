"""YAML as text that knows its lines."""

import pytest

from gateway.config.problems import ConfigError, Finding
from gateway.config.source import UNREADABLE, compose


def value(text: str, **environ: str) -> object:
    """Return what a file holds; it must have nothing wrong in it."""
    document = compose(text, "F", environ)
    assert document.findings == []
    return document.value


def test_every_scalar_is_text() -> None:
    """Nothing is guessed from how a value looks, but that nothing is null."""
    text = "{a: no, b: 0123, c: 1e3, d: 12:30:00, e: 2024-01-01, f: null, g: ~, h: , i: '', j: '~'}"
    assert value(text) == {
        "a": "no",
        "b": "0123",
        "c": "1e3",
        "d": "12:30:00",
        "e": "2024-01-01",
        "f": None,
        "g": None,
        "h": None,
        "i": "",
        "j": "~",
    }


@pytest.mark.parametrize(
    ("scalar", "expanded"),
    [
        ("${A}", "1"),
        ("x${A}y${B}z", "x1ytwo wordsz"),
        ("'${A}'", "1"),
        ("${EMPTY}", ""),
        ("${EMPTY:-d}", "d"),
        ("${NONE:-d}", "d"),
        ("${NONE:-}", ""),
        ("${NONE:-a: b # c}", "a: b # c"),
        ("${A:-d}", "1"),
        ("$$", "$"),
        ("$${A}", "${A}"),
        ("$$$${A}", "$${A}"),
        ("$$${A}", "$1"),
        ("$A", "$A"),
        ("a$", "a$"),
        ("${LOOP}", "${A}"),
        ("${YAML}", "{a: [*b]}\n"),
    ],
)
def test_variables_are_expanded_in_values(scalar: str, expanded: str) -> None:
    """Once, and as text: what is in a variable is not looked at again."""
    environ = {"A": "1", "B": "two words", "EMPTY": "", "LOOP": "${A}", "YAML": "{a: [*b]}\n"}
    scalar = f"'{scalar}'" if "#" in scalar else scalar
    assert value(f"key: {scalar}", **environ) == {"key": expanded}


def test_keys_are_not_expanded() -> None:
    """A key is what stands in the file."""
    assert value("${A}: 1", A="b") == {"${A}": "1"}


@pytest.mark.parametrize("scalar", ["${", "${}", "${A", "${1A}", "${A-b}", "${A B}", "x ${A:b}"])
def test_malformed_references_are_refused(scalar: str) -> None:
    """They are not taken as they stand: somebody meant a variable."""
    document = compose(f"key: '{scalar}'", "F", {"A": "1"})
    assert (document.value, document.findings) == (
        {"key": UNREADABLE},
        [Finding(("key",), "expected ${NAME} or ${NAME:-default}; $$ stands for a single $")],
    )


def test_a_variable_that_is_not_set_is_refused() -> None:
    """The message names the variable."""
    document = compose("a:\n  - ${NONE}", "F", {})
    assert document.findings == [Finding(("a", 0), "the environment variable NONE is not set")]


def test_lines_of_keys_and_entries_are_known() -> None:
    """What has no line of its own has that of what is around it."""
    document = compose("\n# c\na:\n  b: 1\n  c:\n    - x\n    - {d:\n        e}\n", "F", {})
    paths = [(), ("a",), ("a", "b"), ("a", "c", 0), ("a", "c", 1, "d"), ("a", "z"), ("y", 3, "x")]
    assert [document.line(path) for path in paths] == [3, 3, 4, 6, 7, 3, 3]


def test_a_key_that_stands_twice_is_refused() -> None:
    """Also where its first value is null; both lines are named."""
    document = compose("a:\nb: 1\na: 2\n", "F", {})
    assert (document.value, document.findings, document.line(("a",))) == (
        {"a": None, "b": "1"},
        [Finding(("a",), "stands twice in the same mapping, again in line 3")],
        1,
    )


@pytest.mark.parametrize("key", ["? [a]\n: 1", "? {a: 1}\n: 1"])
def test_a_key_that_is_no_text_is_refused(key: str) -> None:
    """YAML would allow it."""
    document = compose(f"x:\n  {key.replace(chr(10), chr(10) + '  ')}", "F", {})
    assert document.findings == [Finding(("x",), "has a key in line 2 that is no text")]


@pytest.mark.parametrize("tagged", ["!!int 1", "!x 1", "!!python/object:os.system {}", "!!set {a}"])
def test_tags_are_refused(tagged: str) -> None:
    """None is acted upon."""
    document = compose(f"a: {tagged}", "F", {})
    assert document.findings == [Finding(("a",), "tags (!name) are not supported")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "F:1: is empty"),
        ("# nothing\n", "F:1: is empty"),
        ("a: &x 1\nb: *x", "F:2: aliases (*name) are not supported: write the value out"),
        ("&x [*x]", "F:1: aliases (*name) are not supported: write the value out"),
        ("a:\n  " + "[" * 100_000, "F:2: is nested more than 20 deep"),
        (
            "a:\n\tb: 1",
            (
                "F:2: no valid YAML: while scanning for the next token, found character '\\t' that"
                " cannot start any token (YAML is indented with spaces)"
            ),
        ),
        (
            "a: 1\n---\nb: 1",
            (
                "F:2: no valid YAML: expected a single document in the stream, but found another"
                " document"
            ),
        ),
        ("a: b: c", "F:1: no valid YAML: mapping values are not allowed here"),
        ("a: 1\nb: \0", "F:2: has the character U+0000"),
    ],
)
def test_what_is_no_single_plain_document_is_refused(text: str, said: str) -> None:
    """At once, with the line: nothing after it could be trusted."""
    with pytest.raises(ConfigError) as caught:
        compose(text, "F", {})
    assert str(caught.value) == said


def test_an_alias_bomb_is_not_expanded() -> None:
    """Nine levels of nine would be a third of a thousand million."""
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    with pytest.raises(ConfigError, match="F:2: aliases"):
        compose("\n".join(["a0: &a0 x", *levels]), "F", {})
