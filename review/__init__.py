"""Reports: reads the engine's own events and renders what reviewers, tools and pull requests are to see of them."""
