"""What the loop may turn, one lever a file."""
