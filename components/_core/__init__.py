"""What every component stands on: arguments, names, tags, durability, charts and facts."""
