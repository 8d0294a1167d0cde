"""Moving in from another tool and out to one: files of readers are looked through, taken in chunk by chunk, written."""
