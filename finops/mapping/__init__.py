"""From resource types to what they pay for."""
