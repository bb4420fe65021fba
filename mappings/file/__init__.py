"""A mapping file, read strictly: each section by a module of its own, every mistake with its line and the fix."""
