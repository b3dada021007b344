"""The local AWS: moto, and the provider that executes resources against it."""
