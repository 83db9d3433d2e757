"""
Retention: what is due for review, when, and why not yet.

Promises: a record whose trigger is unknown is listed, never eligible; every record is explained.
Must not know: how records are captured or signed; nothing here destroys anything.
"""
