"""Components brought up by the real engine, each with a small program of its own."""
