"""Whether everything that the commands need is there and works: checks, and what came of them."""
