"""What turns rules into verdicts: read the modules, nothing is re-exported."""
