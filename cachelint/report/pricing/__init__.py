"""What a token costs: the price book, and the table of rates that queries join with."""
