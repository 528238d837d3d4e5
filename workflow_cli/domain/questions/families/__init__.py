"""The families of questions, one a file; `catalogue` lists them."""
