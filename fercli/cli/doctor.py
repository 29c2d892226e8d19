"""`fercli doctor`: what is installed, what this machine has, what is wrong and how to mend it."""

from dataclasses import asdict

import typer

from fercli.cli.arguments import Json


def doctor(json: Json = False) -> None:
    """Look at installation and machine; say how to mend faults.

    The exit status is 1 if something that fercli needs is wrong.
    """
    from fercli.doctor import cluster, decoders, machine, software
    from fercli.doctor.finding import findings

    checks = (
        ("python", software.python),
        ("libraries", software.libraries),
        ("torchvision", decoders.vision),
        ("images", decoders.images),
        ("videos", decoders.videos),
        ("processor", machine.processors),
        ("GPU", machine.gpus),
        ("disk", machine.disks),
        ("shared memory", machine.shared_memory),
        ("open files", machine.open_files),
        ("SLURM", cluster.cluster),
    )
    from fercli.cli.printing import print_json, tell
    from fercli.errors import printable

    found = []
    for one in findings(checks):
        found.append(one)
        if not json:
            tell(f"{one.state:<6} {one.subject:<16} {printable(one.text)}")
            if one.remedy:
                tell(f"{'':<23} to do: {printable(one.remedy)}")
    num_wrong = sum(one.state == "wrong" for one in found)
    if json:
        print_json({"findings": [asdict(one) for one in found], "wrong": num_wrong})
    else:
        tell(f"{num_wrong} of {len(found)} wrong" if num_wrong else "nothing is wrong")
    if num_wrong:
        raise typer.Exit(1)
