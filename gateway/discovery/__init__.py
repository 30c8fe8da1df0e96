"""What AWS tells of the dataset groups, found from their ARNs.

The delivery process asks and keeps the answers in the outbox's directory; the ingest processes
read them there. See docs/discovery.md.
"""

from gateway.discovery.cache import FactsCache
from gateway.discovery.discovery import Discovery
from gateway.discovery.known import KnownDatasetGroups
from gateway.discovery.source import Source, sources

__all__ = ["Discovery", "FactsCache", "KnownDatasetGroups", "Source", "sources"]
