"""`fercli export`: the network of a run for other programs, with a model card."""

from pathlib import Path
from typing import Annotated

import typer

from fercli.cli.arguments import Json
from fercli.cli.suggestions import runs


def export(
    run: Annotated[
        Path,
        typer.Argument(help="Run folder, such as runs/softmax_ferplus_resnet18_1a2b3c4d5e/seed0.", autocompletion=runs),
    ],
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            help="onnx, torch (torch.export) or safetensors; give it again for more. Default: all.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder to make; else exports/<run>-<seed>.", show_default=False)
    ] = None,
    browser: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the npm package onnxruntime-web: write a page as well that runs the network in a browser.",
            show_default=False,
        ),
    ] = None,
    store: Annotated[
        Path | None, typer.Option(help="Where the store of the run lies now, if it was moved.", show_default=False)
    ] = None,
    trust_config: Annotated[
        bool, typer.Option("--trust-config", help="The run's configuration may build objects of other packages.")
    ] = False,
    json: Json = False,
) -> None:
    """Write the network of a run for other programs.

    A model card comes with it.

    model.onnx runs in ONNX Runtime, and in fercli predict --run model.onnx. It takes faces of uint8, of any number at
    once; resize and normalization are inside. Every written network is compared with the run on up to 200 images that
    the run was evaluated on, and refused if it differs by more than 0.0001.

    fercli export runs/dda_ferplus_resnet18_1a2b3c4d5e/seed0

    It needs an extra: pip install fercli[export].
    """
    from fercli.errors import ConfigError, choose
    from fercli.runs.folder import RunFolder

    folder = RunFolder.existing(run)
    chosen = formats or ["onnx", "torch", "safetensors"]
    for name in chosen:
        choose("format", name, ("onnx", "torch", "safetensors"))
    # The libraries take seconds to load. What a user asked for wrongly is said before.
    from fercli.cli.bars import bar
    from fercli.cli.printing import print_json, say
    from fercli.cli.progress import quiet_libraries
    from fercli.cli.run_listing import in_bytes
    from fercli.export.folder import default_folder
    from fercli.export.folder import export as write_export
    from fercli.export.onnx_file import OPSET, require_libraries
    from fercli.export.page import require_package
    from fercli.export.parity import TOLERANCE

    if "onnx" in chosen:
        require_libraries()
    if browser is not None:
        if "onnx" not in chosen:
            raise ConfigError("the page runs the ONNX file; add --format onnx")
        require_package(browser)
    quiet_libraries()
    target = output or default_folder(folder)
    with bar("images") as progress:
        task = progress.add_task("writing and comparing", total=None)
        exported = write_export(
            folder,
            target,
            chosen,
            browser=browser,
            store=store,
            trust=trust_config,
            progress=lambda done, total: progress.update(task, completed=done, total=total),
        )
    if json:
        print_json(
            {
                "export": str(target),
                "files": exported.files,
                "samples": exported.num_samples,
                "largest_difference": exported.differences,
            }
        )
        return
    for name, size in exported.files.items():
        say(f"{name}  {in_bytes(size)}{f', opset {OPSET}' if name.endswith('.onnx') else ''}")
    for name, difference in exported.differences.items():
        say(
            f"{name}: largest difference from the run {difference:.1e} on {exported.num_samples} evaluated samples; "
            f"{TOLERANCE:g} is allowed"
        )
    print(target)
