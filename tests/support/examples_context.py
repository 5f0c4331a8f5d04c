"""The contexts that only published vectors need, served beside the pinned ones; no product code may load them."""

from demo.conformance.profile import CITIZENSHIP_V4RC1, load_with_examples

__all__ = ["CITIZENSHIP_V4RC1", "load_with_examples"]
