"""Versioned, signed-off records whose history an inspector can prove unaltered."""
