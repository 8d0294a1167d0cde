"""The frozen audience of a mailing: who is in it, in which batch and which wave."""
