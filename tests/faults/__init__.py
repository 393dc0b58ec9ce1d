"""Faults of the store and of processes, one by one and on purpose: every answer stays honest, nothing is half done."""
