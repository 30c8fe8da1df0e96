"""The configuration: one YAML file, typed, immutable, refused whole with every problem in it."""

from gateway.config.delivery import Delivery, Quotas, Retry
from gateway.config.model import (
    Config,
    DatasetGroup,
    Datasets,
    Identity,
    Outbox,
    Route,
    Server,
)
from gateway.config.problems import ConfigError, ConfigProblem
from gateway.config.reading import embedded, load, parse
from gateway.config.schema import schema

__all__ = [
    "Config",
    "ConfigError",
    "ConfigProblem",
    "DatasetGroup",
    "Datasets",
    "Delivery",
    "Identity",
    "Outbox",
    "Quotas",
    "Retry",
    "Route",
    "Server",
    "embedded",
    "load",
    "parse",
    "schema",
]
