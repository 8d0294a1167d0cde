"""PICTURES: fetched once through the guard, made small and safe, kept by their content's hash."""
