"""A simulated Zoho CRM tenant: its wire format over real HTTP, for demo, tests and authors of connectors.

Never part of a real run.
"""

from kamsync_zoho.sim.knobs import Knobs
from kamsync_zoho.sim.seed import plant, seed
from kamsync_zoho.sim.tenant import ZohoTenant

__all__ = ["Knobs", "ZohoTenant", "plant", "seed"]
