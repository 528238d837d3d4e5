"""The checks of `workflow doctor`: one file a group, listed in `catalogue.py`. None of them writes anything."""
