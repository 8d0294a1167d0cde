"""Each reader's subscriptions with the record of their consent."""
