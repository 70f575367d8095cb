"""The command line: `plan-and-act run`, `resume`, `runs`, `fork`, `report`, `eval` and the tools around them."""

import sys


def main() -> None:
    """Run the command line and exit with its code (see `plan_and_act.cli.exits`)."""
    try:
        # Imported here, so that Ctrl-C while Python still loads is no traceback either.
        from plan_and_act.cli.app import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
