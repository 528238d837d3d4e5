"""Questions a person or an agent must decide, and how they are asked."""
