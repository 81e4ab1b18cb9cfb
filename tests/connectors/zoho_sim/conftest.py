"""A bare client of the simulated Zoho tenant: real HTTP, no kamsync in between."""

import pytest
import requests

from kamsync_zoho.sim import ZohoTenant


class Client:
    """Speaks to one tenant with one access token."""

    def __init__(self, tenant):
        self.tenant = tenant
        self.http = requests.Session()
        self.http.trust_env = False
        self.token = self.mint().json().get("access_token")

    def mint(self, place="data", **changed):
        options = self.tenant.options()
        names = ("client_id", "client_secret", "refresh_token")
        form = {"grant_type": "refresh_token", **{name: options[name] for name in names}, **changed}
        return self.http.post(f"{options['accounts_url']}/oauth/v2/token", **{place: form}, timeout=10)

    def call(self, method, path, json=None, headers=None, **query):
        headers = {"Authorization": f"Zoho-oauthtoken {self.token}", **(headers or {})}
        url = f"{self.tenant.url}/crm/v8/{path}"
        return self.http.request(method, url, params=query, json=json, headers=headers, timeout=10)

    def get(self, path, headers=None, **query):
        return self.call("GET", path, headers=headers, **query)

    def post(self, path, json, **query):
        return self.call("POST", path, json=json, **query)

    def coql(self, query):
        return self.post("coql", {"select_query": query})

    def write(self, module, *records, method="POST", headers=None):
        """The results of a write without workflows."""
        return self.call(method, module, json={"data": list(records), "trigger": []}, headers=headers)

    def walk(self, module, fields, **query):
        """Every page by its token."""
        pages, token = [], {}
        while token is not None:
            reply = self.get(module, fields=fields, **query, **token).json()
            pages.append([row["id"] for row in reply["data"]])
            following = reply["info"]["next_page_token"]
            token = {"page_token": following} if following else None
        return pages


@pytest.fixture
def open_tenant():
    """Start a tenant with these knobs; a client that is signed in."""
    clients = []

    def start(**knobs):
        clients.append(Client(ZohoTenant(**knobs).start()))
        return clients[-1]

    yield start
    for client in clients:
        client.http.close()
        client.tenant.stop()


@pytest.fixture
def zoho(open_tenant):
    return open_tenant()
