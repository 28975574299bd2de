"""The language server: findings in an editor while somebody types.

server       what the protocol asks for, and what answers
documents    the texts that are open
sessions     when to analyse: a pause after the last change, and what came too late is dropped
analyst      the process that analyses, seen from the server; worker: the same from within; wire: what they say
positions    places in source to places of the protocol
diagnostics  findings as diagnostics
actions      fixes and suppressions as code actions
hover        rules as hovers

The server only moves messages. Analysis runs in a process of its own, so that typing never waits for it, and so that
an analysis that a keystroke has made useless can be ended.
"""
