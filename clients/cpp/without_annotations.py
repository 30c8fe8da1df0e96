"""Writes a descriptor set without what a client does not need.

    without_annotations.py FROM TO

Left out are the annotations of protovalidate, which would have to be compiled with a client to be
loaded, and JsonService, which is for sidecars that transcode.
"""  # noqa: INP001 - a program, in no package

import sys
from collections.abc import Iterator
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.message import Message

OURS = "personalize_gateway/v1/"
LEFT_OUT = {"personalize_gateway/v1/json_service.proto"}
NEEDED = (OURS, "google/protobuf/struct.proto", "google/protobuf/timestamp.proto")


def main(source: str, target: str) -> None:
    """Read one descriptor set and write the other."""
    files = FileDescriptorSet.FromString(Path(source).read_bytes()).file
    kept = [file for file in files if file.name.startswith(NEEDED) and file.name not in LEFT_OUT]
    for file in kept:
        strip(file)
    Path(target).write_bytes(FileDescriptorSet(file=kept).SerializeToString(deterministic=True))


def strip(file: FileDescriptorProto) -> None:
    """Take options and the imports that only they need out of a file of ours."""
    if not file.name.startswith(OURS):
        return
    imports = [name for name in file.dependency if name.startswith(NEEDED)]
    del file.dependency[:]
    file.dependency.extend(imports)
    for message in described(file):
        if "options" in message.DESCRIPTOR.fields_by_name:
            message.ClearField("options")


def described(message: Message) -> Iterator[Message]:
    """Yield a descriptor and all that are in it."""
    yield message
    for field, value in message.ListFields():
        if field.message_type is not None and field.name != "options":
            for child in value if field.is_repeated else [value]:
                yield from described(child)


if __name__ == "__main__":
    main(*sys.argv[1:])
