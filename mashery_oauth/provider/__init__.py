"""A reference authorization server: what a provider puts in front of the backend, to be read and copied from.

It knows the backend only through :mod:`mashery_oauth.client`, as a provider's own server would.
"""
