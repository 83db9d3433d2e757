"""
Sign-off: who may sign what, the act itself, the queue, and the check of every sign-off ever made.

Promises: a signature is bound to one version, one step, one person and one moment; separation of duties holds
whatever the caller does; what `check_signoffs` accepts is exactly what `SignOffWriter` could have written.
Must not know: passwords (an unlocked key is handed in), import files, screens.
"""
