"""What a model, an MCP client or a bot may ask for."""
