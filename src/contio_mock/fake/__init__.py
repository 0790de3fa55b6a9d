"""How the fake behaves. No sockets, no event loop, no web framework: a request in, an answer out."""
