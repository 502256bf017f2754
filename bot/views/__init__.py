"""Engine values as messages: pure functions, and all wording of the product's own voice."""
