"""What a provider says of its models, their schemas and prices, read from its platform API."""
