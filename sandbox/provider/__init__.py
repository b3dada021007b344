"""What both local providers share: the engine's protocol, plain values, differences."""
