"""Tool servers that speak MCP: how they are configured, approved, reached and read. The SDK is imported on use only."""
