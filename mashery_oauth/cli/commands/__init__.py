"""The commands: each file has one, called ``command``."""
