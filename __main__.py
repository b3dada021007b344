"""The program of every stack: read the settings, look the blueprint up, build it, export its outputs."""

import pulumi

from blueprints import REGISTRY, check
from stacks.load import KEY, file_of, parse
from stacks.problems import SettingsError


def main() -> None:
    """Build the stack that the engine asks for. A wrong stack file stops it before the first resource."""
    package, _, name = KEY.partition(":")
    raw = pulumi.Config(package).get_object(name)
    try:
        settings = parse(raw, file_of(pulumi.get_stack()), check)
    except SettingsError as error:
        raise pulumi.RunError(f"nothing was changed; mend the stack file:\n{error}") from None
    for output, value in REGISTRY[settings.blueprint].build(settings).items():
        pulumi.export(output, value)


main()
