"""Dead letters from the outside: showing, replaying and deleting them, without gRPC."""
