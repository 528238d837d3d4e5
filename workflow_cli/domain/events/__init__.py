"""Every kind of event there is, in one table, for who writes, counts and learns from them."""
