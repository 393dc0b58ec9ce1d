"""What operators can do, one file per noun: the same for the command line and for every other door."""
