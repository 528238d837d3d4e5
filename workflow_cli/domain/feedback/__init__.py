"""What the events show: tallies of hours that can be added, metrics with intervals, what got worse, and what it costs."""
