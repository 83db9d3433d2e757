"""
Records of any registered type: capture, amend, withdraw, history, difference, as of a day.

Promises: the append is the write, in one transaction; nothing is captured that its type, its rules or a plugin
refuses; a stale amendment is refused; every state ever in force can be read again under the definition of its time.
Must not know: keys and signatures, import files, screens.
"""
