"""What a release holds, and the way from each schema to the newest and back."""
