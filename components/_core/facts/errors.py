"""What asking for facts can raise. All are `ValueError`: settings validators report them as theirs."""


class FactError(ValueError):
    """A value that the facts do not know or do not allow; the text says what to use instead."""


class UnknownInstanceTypeError(FactError):
    """An instance type that the facts do not have."""


class UnknownFamilyError(FactError):
    """An instance family that the facts do not have."""


class UnknownRegionError(FactError):
    """A region that the facts do not cover: neither offered nor not offered can be said."""


class UnknownZoneError(FactError):
    """Not a zone id of the region."""


class UnknownGpuModelError(FactError):
    """A GPU of which the facts cannot say whether it can be cut."""


class MigConfigError(FactError):
    """A MIG configuration that the GPU does not have."""


class UnknownEksVersionError(FactError):
    """A Kubernetes version that the facts do not have."""
