"""A small application that asks a user for access to an account, and shows each request and answer as it goes."""

from .app import create_app

__all__ = ["create_app"]
