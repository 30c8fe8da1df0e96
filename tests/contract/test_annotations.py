"""Shows in review which rules the protos state: a tightened one refuses what was taken before.

UPDATE_GOLDEN=1 in the environment writes the list anew.
"""

import os
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

from google.protobuf import message_factory, text_format

import gateway.api
from gateway.api import PACKAGE, POOL

GOLDEN = Path(__file__).parent / "golden" / "annotations.txt"

# The descriptor set, parsed so that the options are read with their extensions.
FILES: Any = message_factory.GetMessageClass(
    POOL.FindMessageTypeByName("google.protobuf.FileDescriptorSet")
)


def annotations() -> Iterator[str]:
    """Yield every annotation of protovalidate in the package, one a line."""
    data = resources.files(gateway.api).joinpath("descriptors.binpb").read_bytes()
    messages = [
        message
        for file in FILES.FromString(data).file
        if file.package == PACKAGE
        for message in file.message_type
    ]
    for message in sorted(messages, key=lambda message: str(message.name)):
        yield from stated(message.name, message.options, "message")
        for oneof in message.oneof_decl:
            yield from stated(f"{message.name}.{oneof.name}", oneof.options, "oneof")
        for field in message.field:
            yield from stated(f"{message.name}.{field.name}", field.options, "field")


def stated(name: str, options: Any, level: str) -> Iterator[str]:
    """Yield what the options of a message, oneof or field state, if they state anything."""
    rules = options.Extensions[POOL.FindExtensionByName(f"buf.validate.{level}")]
    text = text_format.MessageToString(rules, as_one_line=True, as_utf8=True)
    if text:
        yield f"{name}: {text}\n"


def test_the_annotations_are_those_that_were_reviewed() -> None:
    """No rule is added, tightened or dropped unseen."""
    text = "".join(annotations())
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(text)
    assert GOLDEN.read_text() == text
