"""The door for agents: the Model Context Protocol over the use cases that people have as commands."""
