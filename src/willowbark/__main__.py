"""`python -m willowbark`."""

from willowbark.main import main

# A process that is spawned imports this module again, under another name.
if __name__ == "__main__":
    main()
