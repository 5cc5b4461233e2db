"""The training methods whose steps are compared, and the passes of a step. docs/methods.md says what they compute."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Method:
    """What makes a method.

    targeted: attacked toward targets. regularised: TRADES's attack and loss. friendly: the attack may stop early, as in CFA.
    """

    targeted: bool = False
    regularised: bool = False
    friendly: bool = False

    @property
    def views(self):
        """Forward passes of the training pass: x', with TRADES x and x'."""
        return 2 if self.regularised else 1

    def forward_passes(self, steps):
        """Of a whole step with so many steps of PGD, if no search ends early."""
        takes_reference = self.regularised and not self.targeted
        return steps + takes_reference + self.friendly + self.views


METHODS = {
    "at": Method(),
    "fairtat": Method(targeted=True),
    "trades": Method(regularised=True),
    "fairtat-trades": Method(targeted=True, regularised=True),
    "fat": Method(friendly=True),
    "fairtat-fat": Method(targeted=True, friendly=True),
}
