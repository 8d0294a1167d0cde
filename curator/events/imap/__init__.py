"""A mailbox on another machine: what comes back there is read over IMAP."""
