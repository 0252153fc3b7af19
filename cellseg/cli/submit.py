"""`cellseg submit`: a package for the Cell Tracking Challenge."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cellseg.cli.options import Configuration, find_sequences


def submit(
    dataset: Annotated[
        str, typer.Option(help="Challenge dataset, such as DIC-C2DH-HeLa, or a YAML file of its settings.")
    ],
    output: Annotated[
        Path, typer.Option(help="Folder of the package; datasets are added to one that is there.")
    ],
    data: Annotated[Path, typer.Option(help="Folder that holds the dataset.")] = Path("data"),
    sequence: Annotated[
        list[str] | None, typer.Option(help="Sequence; may be repeated.  [default: all there are]")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(help="Name or folder of a model (cellseg models list).  [default: the dataset's]"),
    ] = None,
    configuration: Configuration = None,
    results: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Put in the results that infer wrote here.")
    ] = None,
    wheelhouse: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Put in these wheels, so that installing needs no network."),
    ] = None,
    wheel: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Wheel of cellseg.  [default: made of the one that runs]"),
    ] = None,
    zip_: Annotated[bool, typer.Option("--zip", help="Write OUTPUT.zip, too.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; say what the package still lacks.")
    ] = False,
) -> None:
    """Make a package for the challenge: SW with program, model and scripts, and the results.

    SW holds install.sh and install.bat, to be run once, and DATASET-SEQUENCE.sh and .bat, which each run one
    sequence. Exit code 1 when --check finds something missing.

    Example: cellseg submit --dataset DIC-C2DH-HeLa --data data --results out --output SUBMISSION --zip

    Example: cellseg submit --dataset DIC-C2DH-HeLa --data data --output SUBMISSION --check
    """
    from cellseg.config import load_dataset_config
    from cellseg.submission import check_package, write_package, zip_package

    folder = data / load_dataset_config(dataset).dataset
    sequences = sequence or [path.name for path in find_sequences(folder, None)]
    if not check:
        write_package(
            output,
            dataset,
            sequences,
            data=data,
            model=model,
            configuration=configuration,
            results=results,
            wheel=wheel,
            wheelhouse=wheelhouse,
        )
        typer.echo(f"{output}: sequences {', '.join(sequences)} of {folder.name}")
        if zip_:
            archive = output.with_name(output.name + ".zip")
            zip_package(output, archive)
            typer.echo(f"{archive}: {archive.stat().st_size / 1e6:.1f} MB")
        return
    findings = check_package(output, dataset, sequences, data=data, configuration=configuration)
    for finding in findings:
        typer.echo(finding)
    missing = sum(finding.is_missing for finding in findings)
    typer.echo(f"{output}: {f'{missing} missing' if missing else 'complete'}")
    if missing:
        raise typer.Exit(1)
