from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli.import_ import import_

NOBODY = ("--to", "127.0.0.1:1")


def outcome(*arguments: object) -> tuple[int, str]:
    """Run `import` and return its exit status and what it prints."""
    result = CliRunner().invoke(import_, [*map(str, arguments)])
    return result.exit_code, result.output


@pytest.fixture
def users(tmp_path: Path) -> Path:
    """A file of one user."""
    path = tmp_path / "users.csv"
    path.write_text("USER_ID,AGE\nu,31\n")
    return path


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--session-gap", "30"], "expected a duration such as 20ms, 1.5s or 10m"),
        (["--session-gap", "0s"], "from 1s to 365d"),
        (["--batch", "501"], "501 is not in the range 1<=x<=500"),
        (["--skip", "-1"], "-1 is not in the range x>=0"),
        (["--to", "localhost"], "'localhost' is no address"),
        (["--caller", "a b"], "visible ASCII characters"),
        (["--schema", "/nowhere.json"], "'/nowhere.json' does not exist"),
        (["--refused", "/nowhere/refused.csv"], "cannot be written"),
    ],
)
def test_wrong_options_are_said(users: Path, options: list[str], said: str) -> None:
    """Before the file is read and the gateway called."""
    status, output = outcome("users", users, *NOBODY, *options)
    assert status == 2
    assert said in output


@pytest.mark.parametrize(
    ("kind", "name", "content", "said"),
    [
        ("items", "f.csv", "USER_ID\n", "the file has no column ITEM_ID"),
        ("users", "f.csv", "USER_ID,AGE,age\n", "the columns 'AGE' and 'age' are the same"),
        ("users", "f.csv", "", "is empty"),
        ("users", "f.json", "[]", "is a JSON array"),
    ],
)
def test_file_that_cannot_be_imported_is_wrong_usage(
    tmp_path: Path, kind: str, name: str, content: str, said: str
) -> None:
    """The message names the file, and the column where there is one."""
    path = tmp_path / name
    path.write_text(content)
    status, output = outcome(kind, path, *NOBODY)
    assert status == 2
    assert str(path) in output
    assert said in output


def test_file_and_kind_must_be_there(users: Path) -> None:
    """As must the gateway's address."""
    assert outcome("users", users.with_name("nobody.csv"), *NOBODY)[0] == 2
    assert outcome("user", users, *NOBODY)[0] == 2
    assert outcome("users", users)[0] == 2


def test_schema_must_be_one(users: Path) -> None:
    """And have the columns of the file."""
    schema = users.with_name("schema.json")
    schema.write_text('{"fields": [{"name": "USER_ID", "type": "string"}]}')
    status, output = outcome("users", users, *NOBODY, "--schema", schema)
    assert (status, "the schema has no column AGE" in output) == (2, True)
    schema.write_text("{}")
    status, output = outcome("users", users, *NOBODY, "--schema", schema)
    assert (status, "is no Avro schema of a record" in output) == (2, True)


def test_refused_rows_do_not_replace_the_file(users: Path) -> None:
    """Under whatever name the file is given."""
    link = users.with_name("link.csv")
    link.symlink_to(users)
    status, output = outcome("users", users, *NOBODY, "--refused", link)
    assert (status, "--refused names the file that is imported" in output) == (2, True)
