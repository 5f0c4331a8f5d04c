"""The verifier's use cases, free of pages and commands: asking, taking answers, checking, telling, whom it trusts."""
