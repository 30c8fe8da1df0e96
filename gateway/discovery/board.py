"""What is known of each dataset group now: configured and discovered, merged."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from gateway.dataset_group import DatasetGroupFacts
from gateway.discovery.merging import Disagreement, merged
from gateway.discovery.source import Source


class Board:
    """Holds the facts of every dataset group of the configuration.

    Args:
        sources: the dataset groups; nothing is discovered of them yet.
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        self.sources: Mapping[str, Source] = {source.name: source for source in sources}
        self._discovered: dict[str, DatasetGroupFacts] = {}

    def __repr__(self) -> str:
        return f"<Board {len(self._discovered)} of {len(self.sources)} discovered>"

    @property
    def facts(self) -> Mapping[str, DatasetGroupFacts]:
        """What counts of each, by name: what is configured, and else what was discovered."""
        return MappingProxyType({name: self._merged(name)[0] for name in self.sources})

    def discovered(self, name: str) -> DatasetGroupFacts | None:
        """Return what AWS told of a dataset group; None where it has not yet."""
        return self._discovered.get(name)

    def disagreements(self, name: str) -> tuple[Disagreement, ...]:
        """Return where the configuration of a dataset group and AWS disagree."""
        return self._merged(name)[1]

    def put(self, name: str, discovered: DatasetGroupFacts) -> bool:
        """Note what AWS told; return whether what counts has changed by it.

        That AWS told the same again is no change.
        """
        before, known = self._merged(name)[0], name in self._discovered
        self._discovered[name] = discovered
        return not known or self._merged(name)[0] != before

    def replace(self, sources: Sequence[Source]) -> None:
        """Take other dataset groups; keep what was discovered of those that are asked as before."""
        before, self.sources = self.sources, {source.name: source for source in sources}
        self._discovered = {
            name: facts
            for name, facts in self._discovered.items()
            if name in self.sources
            and self.sources[name].discover
            and self.sources[name].asks_as(before[name])
        }

    def _merged(self, name: str) -> tuple[DatasetGroupFacts, tuple[Disagreement, ...]]:
        return merged(self.sources[name].configured, self._discovered.get(name))
