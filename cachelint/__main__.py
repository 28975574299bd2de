"""`python -m cachelint`: the same as the command `cachelint`."""

from cachelint.cli import main

if __name__ == "__main__":
    main()
