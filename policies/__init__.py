"""Verdicts: rules over the resources of a stack, in two packs that the Pulumi engine runs in preview and
update."""
