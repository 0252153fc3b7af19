"""Get datasets of the Cell Tracking Challenge.

    python data_scripts/fetch_ctc.py DIC-C2DH-HeLa Fluo-N2DL-HeLa --data data --accept-terms

Does what `cellseg datasets fetch` does, for several datasets; one that cannot be had does not stop the
others. Without --accept-terms it shows the conditions of use and fetches nothing.
"""

import argparse
import sys
from pathlib import Path

from cellseg.cli.progress import show_bytes
from cellseg.ctc.datasets import CONDITIONS, SITE, fetch
from cellseg.errors import CellsegError


def main() -> None:
    """Fetch one after the other; exit with 1 if one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="+", metavar="NAME")
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--test", action="store_true", help="the challenge's own sequences")
    parser.add_argument("--accept-terms", action="store_true", help="accept the conditions of use")
    parser.add_argument("--site", default=SITE, metavar="URL", help="a mirror")
    arguments = parser.parse_args()
    print(CONDITIONS)
    if not arguments.accept_terms:
        sys.exit("Nothing was fetched. If you accept these conditions, add --accept-terms.")
    failed = False
    for name in arguments.names:
        try:
            folder = fetch(
                name,
                arguments.data,
                test=arguments.test,
                site=arguments.site,
                progress=lambda step, name=name: show_bytes(f"{name}: {step}"),
                say=lambda message: print(message, file=sys.stderr),
            )
            print(folder)
        except CellsegError as error:
            failed = True
            print(error, file=sys.stderr)
    sys.exit(failed)


if __name__ == "__main__":
    main()
