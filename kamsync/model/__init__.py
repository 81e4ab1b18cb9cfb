"""The key-account file (大客户档案): what kamsync knows of a customer, whichever CRM told it.

Values only. `ENTITIES` names each kind as mappings, tables and exports do; `about` says what each field is called.
"""

from kamsync.model.about import About, about
from kamsync.model.account import Account
from kamsync.model.activity import Activity, is_two_way
from kamsync.model.people import Contact, User
from kamsync.model.service import Case, Inspection, Survey, Training
from kamsync.model.trade import Contract, Deal, Invoice, Order, OrderLine, Payment, Return
from kamsync.model.values import Birthday, Member, Money, Ref, Source, exponent, from_minor, to_minor

Entity = (
    Account | Contact | User | Activity | Deal | Order | OrderLine | Return | Contract | Invoice | Payment | Case
    | Survey | Inspection | Training
)  # fmt: skip

ENTITIES: dict[str, type[Entity]] = {
    "account": Account,
    "contact": Contact,
    "user": User,
    "activity": Activity,
    "deal": Deal,
    "order": Order,
    "order_line": OrderLine,
    "return": Return,
    "contract": Contract,
    "invoice": Invoice,
    "payment": Payment,
    "case": Case,
    "survey": Survey,
    "inspection": Inspection,
    "training": Training,
}

__all__ = [
    "ENTITIES", "About", "Account", "Activity", "Birthday", "Case", "Contact", "Contract", "Deal", "Entity",
    "Inspection", "Invoice", "Member", "Money", "Order", "OrderLine", "Payment", "Ref", "Return", "Source", "Survey",
    "Training", "User", "about", "exponent", "from_minor", "is_two_way", "to_minor",
]  # fmt: skip
