"""Tables of what was measured, and what follows from it for a facility."""

from __future__ import annotations

from typing import Any

TERABYTE = 1e12
DAY = 86_400.0
FRAME = 2048
"""Pixels along each axis of a frame of a usual camera, of 16 bits."""
DIAMETERS = (14, 28, 56, 112)
"""Of cells, in pixels of the camera."""
NETWORK_DIAMETER = 28
"""Of cells, in network pixels of the generalist (models/generalist/model.yaml)."""
BEGIN, END = "<!-- measured: python evaluation/batch_speed.py -->", "<!-- end of what was measured -->"


def render(record: dict[str, Any]) -> str:
    """Render a record of `batch_speed.py`.

    Parameters
    ----------
    record : dict

    Returns
    -------
    str
        Markdown.
    """
    work, done, machine = record["workers"], record["finished"], record["machine"]
    load = work["load"]
    parts = [
        f"Measured on {machine['processor'] or machine['device']}, {machine['cores']} cores, "
        f"{machine['gflops']:.0f} GFLOP/s in a float32 matrix product, load average "
        f"{machine['load_average'][0]:.1f} before: {load['movies']} simulated movies of {load['frames']} "
        f"frames of {load['side']} x {load['side']} pixels ({work['network_pixels']:,} network pixels each), "
        "the generalist in float32.",
        _speed(work),
        _disk(work, load["side"] ** 2),
        _facility(work),
        _skipping(done),
    ]
    return "\n\n".join(parts)


def into(page: str, rendered: str) -> str:
    """Put what was rendered between the marks of a page.

    Parameters
    ----------
    page, rendered : str

    Returns
    -------
    str
    """
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{rendered}\n\n{END}{after}"


def efficiency(work: dict[str, Any]) -> float:
    """Share of twice the speed of one worker on one core that two workers on two cores have."""
    one, two = (
        work["rows"][name]["frames_per_second"] for name in ("1 worker, 1 core", "2 workers, 2 cores")
    )
    return two / (2 * one)


def serial_seconds(work: dict[str, Any]) -> float:
    """Seconds a frame that a movie in chunks takes when its chunks are joined, on one worker."""
    stages = work["rows"]["one movie in chunks, 2 workers, 2 cores"]["stages"]
    return (stages["linking"] + stages["writing"]) / work["frames"]


def _speed(work: dict[str, Any]) -> str:
    one = work["rows"]["1 worker, 1 core"]["frames_per_second"]
    lines = ["| | seconds | frames/s | against 1 worker, 1 core |", "|---|---|---|---|"]
    for name, row in work["rows"].items():
        rate = row["frames_per_second"]
        lines.append(f"| {name} | {row['seconds']:.0f} | {rate:.2f} | {rate / one:.2f} |")
    pixels = one * work["network_pixels"]
    lines.append(
        f"\nThat is {pixels / 1e6:.3g} million network pixels a second and core, and two workers are "
        f"{100 * efficiency(work):.0f} % efficient."
    )
    return "\n".join(lines)


def _disk(work: dict[str, Any], pixels: int) -> str:
    rows = {
        "read": (work["bytes_in"], 1.0),
        "written while a movie is made": (work["bytes_partial"], work["files_partial"]),
        "result": (work["bytes_out"], work["files_out"]),
    }
    lines = ["| | bytes a frame | bytes a pixel | files a frame |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {size:,.0f} | {size / pixels:.3f} | {files:.2f} |"
        for name, (size, files) in rows.items()
    ]
    return "\n".join(lines)


def _facility(work: dict[str, Any]) -> str:
    per_core = work["rows"]["1 worker, 1 core"]["frames_per_second"] * work["network_pixels"]
    share = efficiency(work)
    frames = TERABYTE / (2 * FRAME**2) / DAY
    out = work["bytes_out"] / work["load"]["side"] ** 2 * FRAME**2
    files = (work["files_partial"] + work["files_out"]) * frames
    lines = [
        f"A terabyte a day of frames of {FRAME} x {FRAME} pixels of 16 bits is {frames:.2f} frames/s: "
        f"{TERABYTE / DAY / 1e6:.1f} MB/s to read, {out * frames / 1e6:.2f} MB/s of results, "
        f"{files:.1f} files to make a second.",
        "",
        "| cells across | network pixels of a frame | frames/s of a core | cores for 1 TB a day |",
        "|---|---|---|---|",
    ]
    for diameter in DIAMETERS:
        pixels = (FRAME * NETWORK_DIAMETER / diameter) ** 2
        rate = per_core / pixels
        cores = frames / (rate * share)
        lines.append(f"| {diameter} pixels | {pixels / 1e6:.2f} million | {rate:.4f} | {cores:,.0f} |")
    serial = serial_seconds(work)
    whole = 1 / work["rows"]["one movie, 1 worker, 1 core"]["frames_per_second"]
    lines += [
        "",
        f"Joining the chunks of one movie takes {1000 * serial:.2f} ms a frame on one worker, of "
        f"{1000 * whole:.0f} ms in all: however many workers, one movie is done at most "
        f"{whole / serial:,.0f} times as fast as by one core.",
    ]
    return "\n".join(lines)


def _skipping(done: dict[str, Any]) -> str:
    each = done["median_seconds"] / done["movies"]
    return (
        f"{done['movies']:,} finished movies of {done['frames']} frames are known again in "
        f"{done['median_seconds']:.2f} s (median of {len(done['seconds'])} runs of the command, "
        f"{'with' if done['torch_imported'] else 'without'} torch), {1000 * each:.2f} ms each. Writing the "
        f"account of so many movies takes {1000 * done['summary_seconds']:.0f} ms."
    )
