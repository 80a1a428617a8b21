"""From a resource as JSON to the ward's dataclasses: once, at the edge, trusting no type."""
