"""Where the binaries of the sandbox come from: PATH, a published download, or pinned Go modules."""
