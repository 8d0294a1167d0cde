"""The night's backup: asked for by the clock, made by a process of its own that ends afterwards."""
