"""For those who test: the conformance suite, and the base of simulated tenants."""
