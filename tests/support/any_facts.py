"""Facts of dataset groups as Hypothesis draws them."""

from hypothesis import strategies as st

from gateway.dataset_group import DatasetFacts, DatasetGroupFacts, TrackerFacts
from gateway.records import Kind

_texts = st.text(st.characters(codec="utf-8"), max_size=10)
_datasets = st.builds(
    DatasetFacts,
    arn=_texts,
    status=_texts,
    schema_arn=_texts,
    schema_json=_texts,
    tracking_id=_texts,
)
any_facts = st.builds(
    DatasetGroupFacts,
    name=_texts,
    arn=_texts,
    tracker=st.none() | st.builds(TrackerFacts, _texts, _texts, _texts, _texts),
    datasets=st.dictionaries(st.sampled_from(Kind), _datasets),
    refreshed_at_s=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    tracker_withheld=st.booleans(),
    datasets_withheld=st.booleans(),
)
