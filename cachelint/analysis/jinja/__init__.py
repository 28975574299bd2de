"""Templates of Jinja: what is rendered where, without Jinja.

The analysis needs no more than the outline of a template, and must give the same answer whether or not Jinja is
installed beside it (a hook runs in an environment of its own), so the tags are read by `syntax`, 100 lines, and their
expressions, which are nearly Python's, by libcst.

syntax         a template as a tree of tags
rendering      the text that it renders, with what varies in it
expressions    the values of its expressions
environments   `Environment`, its loaders, and how the file of a template is found
"""
