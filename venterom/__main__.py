"""`python -m venterom` is the command `venterom`."""

from venterom.server.main import main

if __name__ == "__main__":
    main()
