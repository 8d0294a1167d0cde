"""ITEM -> PICK, beside it: what sponsors and events may say in an issue, where, and until when."""
