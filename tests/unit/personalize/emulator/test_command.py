"""What the command refuses; that it runs is shown by the integration tests."""

import pytest
from click.testing import CliRunner

from gateway.personalize.emulator.command import emulator


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--quota", "PutEverything=1"], "'PutEverything' is none of PutEvents"),
        (["--quota", "PutItems=many"], "'many' is no number"),
        (["--quota", "PutItems=-1"], "'-1' is no number"),
        (["--quota", "PutItems=nan"], "'nan' is no number"),
        (["--quota", "PutItems"], "'PutItems' is not OPERATION=CALLS_PER_S"),
        (["--listen", "127.0.0.1"], "'127.0.0.1' is not HOST:PORT"),
        (["--listen", "127.0.0.1:http"], "'http' is not a port"),
        (["--listen", "127.0.0.1:99999"], "'99999' is not a port"),
        (["--listen", "203.0.113.1:0"], "cannot listen on 203.0.113.1:0"),
        (["--credentials", "key"], "'key' is not KEY:SECRET"),
        (["--seed", "missing.yaml"], "does not exist"),
        (["--seed", __file__], "is not a seed"),
        (["--state", __file__], "file is not a database"),
    ],
)
def test_what_cannot_be_started(arguments: list[str], message: str) -> None:
    """A wrong option ends the command with one message that says which, and no traceback."""
    result = CliRunner().invoke(emulator, ["--listen", "127.0.0.1:0", *arguments])

    assert isinstance(result.exception, SystemExit)
    assert result.exit_code in (1, 2)
    # Long messages are broken into lines of a frame.
    assert message in " ".join(result.output.split())


def test_every_option_is_explained() -> None:
    """The help names each option with a text."""
    options = [parameter for parameter in emulator.params if parameter.name != "help"]

    assert all(getattr(option, "help", None) for option in options)
