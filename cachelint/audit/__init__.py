"""One page on a project: what its requests cost, what of that was lost, where in the source, and what to do."""
