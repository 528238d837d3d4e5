"""Words as they are told apart, whoever wrote them."""
