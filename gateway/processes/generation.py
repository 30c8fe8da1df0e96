"""The configuration as the supervisor hands it to its children: JSON, a line each."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from gateway.config import Config
from gateway.config.reading import Reading, read


@dataclass(frozen=True, slots=True)
class Generation:
    """One of the configurations that a gateway has had since its start.

    Children get the text and not the file's name: what stands in the file may be half-written when
    a child that died is started again.

    Attributes:
        number: counts them, from 1.
        source: the name of the file, for messages.
        text: what stood in it when it was found to be good. It may hold secrets.
    """

    number: int
    source: str
    text: str = field(repr=False)

    def reading(self, environ: Mapping[str, str]) -> Reading:
        """Return the configuration, and what of it may be secret.

        Raises:
            ConfigError: it is none in this environment.
        """
        return read(self.text, self.source, environ)

    def config(self, environ: Mapping[str, str]) -> Config:
        """Return the configuration.

        Raises:
            ConfigError: it is none in this environment.
        """
        return self.reading(environ).config

    def line(self) -> bytes:
        """Return it as a child is sent it."""
        return json.dumps(asdict(self), ensure_ascii=False).encode() + b"\n"

    @classmethod
    def parse(cls, line: bytes) -> "Generation":
        """Return what a line says."""
        return cls(**json.loads(line))
