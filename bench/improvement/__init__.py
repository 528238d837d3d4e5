"""The benchmark of the loop: worlds with a seeded fault, the product's own cycle in them, and a judge it never sees."""
