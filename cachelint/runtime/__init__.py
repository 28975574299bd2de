"""The shim: records what the API returned for every request that the anthropic SDK sends, and never gets in the way.

Laws of this package: standard library and the user's own SDK only; nothing on the way of a response but hashing and
one append; never an exception into the caller; never a changed request unless the user asked for it; never a byte of
prompt or response text on disk unless the user asked for it. `record.py` documents what is written.
"""
