"""The key-account file (大客户档案): what kamsync knows of a customer, whichever CRM told it.

Values only. `ENTITIES` names each kind as mappings, tables and exports do.
"""

from kamsync.model.account import Account
from kamsync.model.activity import Activity, is_two_way
from kamsync.model.people import Contact, User
from kamsync.model.service import Case, Survey
from kamsync.model.trade import Contract, Deal, Invoice, Order, Payment
from kamsync.model.values import Member, Money, Ref, exponent, from_minor, to_minor

Entity = Account | Contact | User | Activity | Deal | Order | Contract | Invoice | Payment | Case | Survey

ENTITIES: dict[str, type[Entity]] = {
    "account": Account,
    "contact": Contact,
    "user": User,
    "activity": Activity,
    "deal": Deal,
    "order": Order,
    "contract": Contract,
    "invoice": Invoice,
    "payment": Payment,
    "case": Case,
    "survey": Survey,
}

__all__ = [
    "ENTITIES", "Account", "Activity", "Case", "Contact", "Contract", "Deal", "Entity", "Invoice", "Member",
    "Money", "Order", "Payment", "Ref", "Survey", "User", "exponent", "from_minor", "is_two_way", "to_minor",
]  # fmt: skip
