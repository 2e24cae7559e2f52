"""`python -m fal_experiments` is `fal-exp`."""

from fal_experiments.cli.main import main

if __name__ == "__main__":
    main()
