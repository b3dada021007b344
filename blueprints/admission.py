"""From settings to the policies that the API server enforces: the one place where blueprints meet policy packs."""

from __future__ import annotations

import datetime

from components.admission import AdmissionArgs, AdmissionPolicyArgs
from policies._engine import environments, profiles
from policies.admission.compiler import compile_packs
from policies.catalogue import PACKS
from stacks.settings import Platform


def admission(s: Platform) -> AdmissionArgs:
    """Return the compiled policies of the environment's profile; none where the settings say so."""
    if not s.admission.enabled:
        return AdmissionArgs(policies=[])
    environment = environments.normal(s.environment.value)
    name = s.admission.profile.value if s.admission.profile else profiles.for_environment(environment)
    chosen = {pack: profiles.load(name, pack) for pack in PACKS}
    today = datetime.datetime.now(datetime.UTC).date()
    made, _ = compile_packs(chosen, environment, today)
    return AdmissionArgs(
        policies=[AdmissionPolicyArgs(rule=p.rule, policy=dict(p.policy), binding=dict(p.binding)) for p in made]
    )
