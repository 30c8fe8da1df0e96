"""What the gateway is compared with: processes of their own that do so much work as they are told.

Some run in `.venv-bench`; what is imported here needs nothing but the standard library.
"""
