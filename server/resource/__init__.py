"""Protecting an API of one's own with Pairlight's access tokens (RFC 6750, RFC 9449 7).

For programs in other processes than the authorization server: all that is known of it comes from
its published metadata. `docs/protecting_an_api.md` is the recipe.
"""

from server.resource.guard import ResourceServer

__all__ = ["ResourceServer"]
