"""The review of a change: what it does, costs and breaks, as a page, as a comment and as data."""
