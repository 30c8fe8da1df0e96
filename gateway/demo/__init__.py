"""A shop's traffic through gateway and emulator: what `make demo` runs."""
