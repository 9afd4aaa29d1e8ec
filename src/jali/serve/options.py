"""The options that several commands share."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

HouseOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--house", help="Folder of the house; else JALI_HOUSE, else the nearest folder with jali.toml."
    ),
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
AnalystOption: TypeAlias = Annotated[
    str, typer.Option("--as", envvar="JALI_ANALYST", help="Who asks, as jali.toml names them.")
]
PurposeOption: TypeAlias = Annotated[str, typer.Option("--purpose", help="What the answer is for.")]
EpsilonOption: TypeAlias = Annotated[
    str | None, typer.Option("--epsilon", help="Price as an epsilon, such as 0.5.")
]
RhoOption: TypeAlias = Annotated[str | None, typer.Option("--rho", help="Price as a zCDP rho.")]
GateOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--gate",
        help="rho: the price counts as zCDP (many questions); basic: as its epsilon (few large ones).",
    ),
]
AccuracyOption: TypeAlias = Annotated[
    str | None, typer.Option("--accuracy", help="Half-width of the interval wanted; the price follows.")
]
ConfidenceOption: TypeAlias = Annotated[
    str | None, typer.Option("--confidence", help="Level of the intervals, in percent.")
]
BoundsOption: TypeAlias = Annotated[
    str,
    typer.Option(
        "--bounds",
        help="Bounds found by earlier questions: same (used again under the same conditions), any, or fresh (none).",
    ),
]
DialectOption: TypeAlias = Annotated[str, typer.Option("--dialect", help="Dialect the SQL is written in.")]
