"""Growth, mastery and early notice: what records say about learning, with the limits of each figure."""
