"""The fake on a socket: the ASGI app, the sign-in pages and the webhook dispatcher."""
