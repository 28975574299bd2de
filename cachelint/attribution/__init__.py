"""Where the two lines meet: what logs say was lost, put down to the findings in the source that explain it."""
