"""What calls of the clients of `cachelint.clients`, and of those that a project declares, send and make.

entries       which declaration a name means
objects       models, agents, chains and templates: what they are made of
messages      messages in each client's notation, as the Messages API has them
templates     texts with fields
prompts       from the parts that a client is given to the parts of a request
models        whether a prompt goes to Claude
"""
