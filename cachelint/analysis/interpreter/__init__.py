"""Abstract interpretation of the code that feeds a prompt: what each expression may be, and what makes it vary.

state         what one run of the interpreter remembers
names         what a name stands for
expressions   the value of an expression
targets       assignment to names, attributes and items
statements    the effect of a statement
relevance     which statements matter to what is asked
attributes    what an attribute of a value is
classes       attributes and construction of project classes
calls         what a call returns
"""
