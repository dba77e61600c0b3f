"""Front door of a checkout: ``python cli.py compose ...``; the commands live in engine/cli."""

from engine.cli import main

if __name__ == "__main__":
    main()
