"""What the Contio Partner API is: operations, models, errors and events as pure declarations.

Imports pydantic and the standard library only; knows no server, no client and no fake.
"""
