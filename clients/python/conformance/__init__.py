"""Programs that prove the client against a gateway; see tests/vectors/README.md."""
