"""The advice room: which breakpoints, with which lifetimes, would have been cheapest on the requests of a usage log."""
