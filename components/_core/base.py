"""The thin base of every component: token, children's options, registered outputs."""

from typing import Any, Optional

import pulumi

from components._core import conventions


class PlatformComponent(pulumi.ComponentResource):
    """A component of this library.

    Only private attributes live here: the component schema is inferred from class annotations, base classes
    included, so a public one would leak into the outputs of every component.
    """

    def __init__(self, kind: str, name: str, opts: Optional[pulumi.ResourceOptions]) -> None:
        conventions.check_logical(name)
        super().__init__(f"mlops:index:{kind}", name, None, opts)
        self._name = name

    def _child(self, role: str) -> str:
        """Logical name of a child: `<component>-<role>`."""
        return conventions.child(self._name, role)

    def _opts(self, *others: Optional[pulumi.ResourceOptions], **kwargs: Any) -> pulumi.ResourceOptions:
        """Options of a child: parented here, merged with `others` and with keyword options, last wins."""
        merged = pulumi.ResourceOptions(parent=self)
        for other in others:
            if other is not None:
                merged = pulumi.ResourceOptions.merge(merged, other)
        return pulumi.ResourceOptions.merge(merged, pulumi.ResourceOptions(**kwargs)) if kwargs else merged

    def _register(self) -> None:
        """Register exactly the annotated outputs of the class; last statement of a constructor."""
        names = [n for n in type(self).__annotations__ if not n.startswith("_")]
        self.register_outputs({n: getattr(self, n) for n in names})
