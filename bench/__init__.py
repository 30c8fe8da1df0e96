"""The benchmarks; `bench/README.md` says how to read them."""
