"""What each feed was good for: how much it brought, how much of that was picked, and what readers did with it."""
