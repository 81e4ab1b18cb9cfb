"""The simulated Fenxiang Xiaoke: its wire format over real HTTP, with state, for demo, tests and authors."""

from kamsync_fxiaoke.sim.crm import Knobs
from kamsync_fxiaoke.sim.seed import plant, seed
from kamsync_fxiaoke.sim.tenant import FxiaokeTenant
from kamsync_fxiaoke.sim.tokens import App

__all__ = ["App", "FxiaokeTenant", "Knobs", "plant", "seed"]
