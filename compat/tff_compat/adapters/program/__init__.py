"""Adapters of `tff.program`: the managers, data sources and references of federated programs."""
