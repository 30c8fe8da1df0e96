"""What holds for every test."""

from hypothesis import settings

# The machine may be busy: how long an example takes says nothing.
settings.register_profile("gateway", deadline=None)
settings.load_profile("gateway")
