"""The configuration: one YAML file, typed, immutable, refused whole with every problem in it."""

from gateway.config.dataset_group import DatasetGroup, Datasets
from gateway.config.delivery import Delivery, Quotas, Retry
from gateway.config.identity import Identity
from gateway.config.model import Config
from gateway.config.outbox import Outbox
from gateway.config.problems import ConfigError, ConfigProblem
from gateway.config.reading import embedded, load, parse
from gateway.config.route import ANYBODY, Route
from gateway.config.schema import schema
from gateway.config.server import Server

__all__ = [
    "ANYBODY",
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
