"""The use cases of the wallet: its Python API, without Flask and click."""
