"""What a draft does to the meaning of requirements: one policy rule a file."""
