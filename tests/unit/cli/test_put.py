import json
from collections.abc import Iterator
from typing import cast

import pytest
from click.testing import CliRunner
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.json_format import Parse
from google.protobuf.message import Message

from gateway.cli.put import put
from gateway.cli.put_rpcs import PUT_RPCS
from gateway.cli.skeleton import skeleton
from gateway.records import Kind

# What stands there may be nothing: the gateway chooses, and such a dataset has no other columns.
MAY_BE_EMPTY = {"PutActionInteractionsRequest.action_interactions.properties"}


def outcome(*arguments: str, stdin: str = "") -> tuple[int, str]:
    """Run `put` and return its exit status and what it prints."""
    result = CliRunner().invoke(put, arguments, stdin)
    return result.exit_code, result.output


def unset(message: Message, path: str) -> Iterator[str]:
    """Yield the path of each field that is not set."""
    descriptor = cast("Descriptor", message.DESCRIPTOR)
    for field in descriptor.fields:
        value = getattr(message, field.name)
        if field.name == "dataset_group":
            continue
        if not (
            value
            if field.is_repeated
            else message.HasField(field.name)
            if field.has_presence
            else value
        ):
            yield f"{path}.{field.name}"
        elif field.is_repeated and field.type == FieldDescriptor.TYPE_MESSAGE:
            yield from unset(value[0], f"{path}.{field.name}")


@pytest.mark.parametrize("kind", Kind)
def test_skeleton_has_every_field(kind: Kind) -> None:
    """It is read back as the request that it is, and nothing of it is unset."""
    request = PUT_RPCS[kind].request
    text = skeleton(request)
    found = Parse(text, request())
    assert set(unset(found, request.__name__)) <= MAY_BE_EMPTY
    assert outcome(kind.value, "--skeleton") == (0, text + "\n")


@pytest.mark.parametrize("kind", Kind)
def test_skeleton_stands_in_the_order_of_the_proto(kind: Kind) -> None:
    """The dataset group comes first, as in the docs."""
    assert next(iter(json.loads(skeleton(PUT_RPCS[kind].request)))) == "datasetGroup"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "Error: --json: is no JSON object\n"),
        ('{"events": []', "Error: --json: is no JSON: "),
        ('{"events": [{"userID": "u"}]}', 'named "userID" at "PutEventsRequest.events[0]"\n'),
        ('{"events": [{"user_id": "u", "userId": "v"}]}', "'user_id' and 'userId' are the same"),
    ],
)
def test_request_that_is_none_is_not_sent(text: str, said: str) -> None:
    """Nobody listens at the address, and nobody is asked."""
    status, output = outcome("events", "--to", "127.0.0.1:1", "--json", "-", stdin=text)
    assert status == 1
    assert said in output


def test_text_that_is_not_utf8_is_not_sent(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A message says so, and no traceback."""
    path = tmp_path_factory.mktemp("put") / "request.json"
    path.write_bytes(b'{"events": "\xff"}')
    status, output = outcome("events", "--to", "127.0.0.1:1", "--json", str(path))
    assert (status, "utf-8" in output, "Traceback" in output) == (1, True, False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["events"], "--to and --json are needed, or --skeleton"),
        (["events", "--to", "127.0.0.1:1"], "--to and --json are needed, or --skeleton"),
        (["event", "--skeleton"], "'event' is not one of 'events'"),
        (["events", "--to", "localhost"], "'localhost' is no address such as 127.0.0.1:50051"),
        (["events", "--to", "localhost:70000"], "is no address"),
        (["events", "--caller", "*"], "without *"),
        (["events", "--json", "/nowhere/request.json"], "No such file"),
    ],
)
def test_wrong_usage_is_said(arguments: list[str], said: str) -> None:
    """Exit status 2, as for every command."""
    status, output = outcome(*arguments)
    assert status == 2
    assert said in output


def test_option_and_request_may_not_name_two_dataset_groups() -> None:
    """Which one was meant cannot be known."""
    status, output = outcome(
        "events", "--to", "127.0.0.1:1", "--dataset-group", "shop", "--json", "-",
        stdin='{"datasetGroup": "outlet"}',
    )  # fmt: skip
    assert status == 2
    assert "--dataset-group names another dataset group than the request" in output


def test_unreachable_gateway_is_a_status() -> None:
    """The connection's error has a code and no reason."""
    status, output = outcome("events", "--to", "127.0.0.1:1", "--json", "-", stdin="{}")
    assert status == 2
    assert output.startswith("UNAVAILABLE: ")
