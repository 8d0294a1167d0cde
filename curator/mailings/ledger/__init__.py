"""The ledger of a running mailing: batches in somebody's hands, and deliveries on their way."""
