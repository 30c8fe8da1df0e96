"""Messages and stubs of `personalize_gateway.v1`, generated from the protos."""
