"""the first tables.

Creates or changes tables only; it is idempotent where a crash could leave it half done.
"""

import sqlalchemy as sa
from alembic import op

import kamsync.store.types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("into", sa.String(), nullable=True),
        sa.Column("dirty", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_dirty"), ["dirty"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_seq"), ["seq"], unique=False)

    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("deed", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("facts", kamsync.store.types.Json(), nullable=True),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_deed"), ["deed"], unique=False)

    op.create_table(
        "activity",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("dirty", sa.Boolean(), nullable=False),
        sa.Column("verified_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("about", kamsync.store.types.Json(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("end_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("direction", sa.Text(), nullable=True),
        sa.Column("reached", sa.Boolean(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("owner_stream", sa.Text(), nullable=True),
        sa.Column("owner_ref", sa.Text(), nullable=True),
        sa.Column("participants", kamsync.store.types.Json(), nullable=True),
        sa.Column("marker", sa.Text(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("account_stream", sa.Text(), nullable=True),
        sa.Column("account_ref", sa.Text(), nullable=True),
        sa.Column("two_way", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "stream", "remote_id"),
    )
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.create_index("activity_day", ["account_id", "day"], unique=False)
        batch_op.create_index(batch_op.f("ix_activity_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_activity_dirty"), ["dirty"], unique=False)

    op.create_table(
        "alias",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("loser", sa.String(), nullable=False),
        sa.Column("winner", sa.String(), nullable=False),
        sa.Column("final", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("evidence", kamsync.store.types.Json(), nullable=True),
        sa.Column("joined", sa.Boolean(), nullable=False),
        sa.Column("seen_at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection", "stream", "loser"),
    )
    op.create_table(
        "cases",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("dirty", sa.Boolean(), nullable=False),
        sa.Column("verified_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("account_stream", sa.Text(), nullable=True),
        sa.Column("account_ref", sa.Text(), nullable=True),
        sa.Column("contact_stream", sa.Text(), nullable=True),
        sa.Column("contact_ref", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("severity", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("opened_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("first_response_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("resolved_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("confirmed_by_customer", sa.Boolean(), nullable=True),
        sa.Column("owner_stream", sa.Text(), nullable=True),
        sa.Column("owner_ref", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "stream", "remote_id"),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cases_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_dirty"), ["dirty"], unique=False)

    op.create_table(
        "change",
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("now", kamsync.store.types.Json(), nullable=True),
        sa.Column("last_written", kamsync.store.types.Json(), nullable=True),
        sa.Column("wanted", kamsync.store.types.Json(), nullable=True),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("credits", kamsync.store.types.DecimalText(), nullable=False),
        sa.Column("payload", kamsync.store.types.Json(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("hold", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("plan", "seq"),
    )
    op.create_table(
        "concern",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("next", sa.String(), nullable=False),
        sa.Column("since", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection", "stream", "kind"),
    )
    op.create_table(
        "contact",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("dirty", sa.Boolean(), nullable=False),
        sa.Column("verified_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("account_stream", sa.Text(), nullable=True),
        sa.Column("account_ref", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("mobile", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("decision_role", sa.Text(), nullable=True),
        sa.Column("birthday_month", sa.BigInteger(), nullable=True),
        sa.Column("birthday_day", sa.BigInteger(), nullable=True),
        sa.Column("birthday_year", sa.BigInteger(), nullable=True),
        sa.Column("birthday_lunar", sa.Boolean(), nullable=True),
        sa.Column("birthday_leap", sa.Boolean(), nullable=True),
        sa.Column("reports_to_stream", sa.Text(), nullable=True),
        sa.Column("reports_to_ref", sa.Text(), nullable=True),
        sa.Column("owner_stream", sa.Text(), nullable=True),
        sa.Column("owner_ref", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("preferences", sa.Text(), nullable=True),
        sa.Column("contact_consent", sa.Boolean(), nullable=True),
        sa.Column("marketing_consent", sa.Boolean(), nullable=True),
        sa.Column("care_consent", sa.Boolean(), nullable=True),
        sa.Column("left_company", sa.Boolean(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "stream", "remote_id"),
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contact_dirty"), ["dirty"], unique=False)

    op.create_table(
        "contract",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("dirty", sa.Boolean(), nullable=False),
        sa.Column("verified_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("account_stream", sa.Text(), nullable=True),
        sa.Column("account_ref", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("signed", sa.Date(), nullable=True),
        sa.Column("start", sa.Date(), nullable=True),
        sa.Column("end", sa.Date(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("amount_currency", sa.String(length=3), nullable=True),
        sa.Column("amount_base", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("auto_renew", sa.Boolean(), nullable=True),
        sa.Column("notice_days", sa.BigInteger(), nullable=True),
        sa.Column("review_days", sa.BigInteger(), nullable=True),
        sa.Column("reviewed", sa.Date(), nullable=True),
        sa.Column("payment_terms", sa.Text(), nullable=True),
        sa.Column("successor_stream", sa.Text(), nullable=True),
        sa.Column("successor_ref", sa.Text(), nullable=True),
        sa.Column("owner_stream", sa.Text(), nullable=True),
        sa.Column("owner_ref", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "stream", "remote_id"),
    )
    with op.batch_alter_table("contract", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contract_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contract_dirty"), ["dirty"], unique=False)

    op.create_table(
        "contest",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=False),
        sa.Column("facet", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("since", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection", "stream", "remote_id", "facet"),
    )
    op.create_table(
        "cost",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection", "stream", "lane"),
    )
    op.create_table(
        "cursor",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("position", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("lo", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("hi", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("cursor", sa.String(), nullable=True),
        sa.Column("through_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("through_id", sa.String(), nullable=True),
        sa.Column("completed", sa.Integer(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("slice", sa.String(), nullable=True),
        sa.Column("began_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("connection", "stream", "lane"),
    )
    op.create_table(
        "deal",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("dirty", sa.Boolean(), nullable=False),
        sa.Column("verified_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("account_stream", sa.Text(), nullable=True),
        sa.Column("account_ref", sa.Text(), nullable=True),
        sa.Column("contact_stream", sa.Text(), nullable=True),
        sa.Column("contact_ref", sa.Text(), nullable=True),
        sa.Column("partner_stream", sa.Text(), nullable=True),
        sa.Column("partner_ref", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("stage_since", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("amount_currency", sa.String(length=3), nullable=True),
        sa.Column("amount_base", sa.BigInteger(), nullable=True),
        sa.Column("probability", kamsync.store.types.DecimalText(), nullable=True),
        sa.Column("close_date", sa.Date(), nullable=True),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column("lost_reason", sa.Text(), nullable=True),
        sa.Column("owner_stream", sa.Text(), nullable=True),
        sa.Column("owner_ref", sa.Text(), nullable=True),
        sa.Column("created_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("connection", "stream", "remote_id"),
    )
    with op.batch_alter_table("deal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deal_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deal_dirty"), ["dirty"], unique=False)

    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("a_connection", sa.String(), nullable=False),
        sa.Column("a_stream", sa.String(), nullable=False),
        sa.Column("a_id", sa.String(), nullable=False),
        sa.Column("a_now", sa.String(), nullable=False),
        sa.Column("b_connection", sa.String(), nullable=False),
        sa.Column("b_stream", sa.String(), nullable=False),
        sa.Column("b_id", sa.String(), nullable=False),
        sa.Column("b_now", sa.String(), nullable=False),
        sa.Column("leaves", sa.Boolean(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("facts", kamsync.store.types.Json(), nullable=True),
        sa.Column("ended_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.Column("ended_why", sa.Text(), nullable=False),
        sa.Column("carried", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decision_batch"), ["batch"], unique=False)
        batch_op.create_index(batch_op.f("ix_decision_carried"), ["carried"], unique=False)
        batch_op.create_index(batch_op.f("ix_decision_ended_at"), ["ended_at"], unique=False)

    op.create_table(
        "duty",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("suffix", sa.String(), nullable=False),
        sa.Column("marker", sa.String(), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("owed_on", sa.Date(), nullable=False),
        sa.Column("offered_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=True),
        sa.Column("ended", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("duty", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duty_account"), ["account"], unique=False)
        batch_op.create_index(batch_op.f("ix_duty_state"), ["state"], unique=False)

    op.create_table(
        "evaluation",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("scored_tier", sa.String(), nullable=False),
        sa.Column("score", kamsync.store.types.DecimalText(), nullable=True),
        sa.Column("coverage", kamsync.store.types.DecimalText(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("pending_down", sa.Integer(), nullable=False),
        sa.Column("changed_from", sa.String(), nullable=True),
        sa.Column("changed_on", sa.Date(), nullable=True),
        sa.Column("metrics", kamsync.store.types.Json(), nullable=True),
        sa.Column("standing", kamsync.store.types.Json(), nullable=True),
        sa.Column("verdict", kamsync.store.types.Json(), nullable=True),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account", "as_of"),
    )
    with op.batch_alter_table("evaluation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evaluation_as_of"), ["as_of"], unique=False)

    op.create_table(
        "field",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("lasting_id", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("choices", kamsync.store.types.Json(), nullable=True),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.Column("here", sa.Boolean(), nullable=False),
        sa.Column("mapping", sa.String(), nullable=False),
        sa.Column("seen_at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection", "stream", "name"),
    )
    op.create_table(
        "fire",
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("fire_key", sa.String(), nullable=False),
        sa.Column("fired_at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.Column("ended_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("verdict", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("job", "fire_key"),
    )
    op.create_table(
        "guarantee",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("wait", sa.Float(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("better_zh", sa.String(), nullable=True),
        sa.Column("better_en", sa.String(), nullable=True),
        sa.Column("at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection", "kind"),
    )
    op.create_table(
        "hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("guard", sa.String(), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("sample", kamsync.store.types.Json(), nullable=True),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("made_at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.Column("decided_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hold_state"), ["state"], unique=False)

    op.create_table(
        "hook",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection", "object"),
    )
    op.create_table(
        "intent",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("payload", kamsync.store.types.Json(), nullable=True),
        sa.Column("before", kamsync.store.types.Json(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("written_id", sa.String(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("hold", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    with op.batch_alter_table("intent", schema=None) as batch_op:
        batch_op.create_index("intent_place", ["connection", "stream", "remote_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_intent_hold"), ["hold"], unique=False)
        batch_op.create_index(batch_op.f("ix_intent_state"), ["state"], unique=False)

    op.create_table(
        "invoice",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("dirty", sa.Boolean(), nullable=False),
        sa.Column("verified_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("account_stream", sa.Text(), nullable=True),
        sa.Column("account_ref", sa.Text(), nullable=True),
        sa.Column("order_stream", sa.Text(), nullable=True),
        sa.Column("order_ref", sa.Text(), nullable=True),
        sa.Column("contract_stream", sa.Text(), nullable=True),
        sa.Column("contract_ref", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("issued", sa.Date(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("amount_currency", sa.String(length=3), nullable=True),
        sa.Column("amount_base", sa.BigInteger(), nullable=True),
        sa.Column("paid_amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("paid_amount_currency", sa.String(length=3), nullable=True),
        sa.Column("paid_amount_base", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("promised", sa.Date(), nullable=True),
        sa.Column("disputed_minor", sa.BigInteger(), nullable=True),
        sa.Column("disputed_currency", sa.String(length=3), nullable=True),
        sa.Column("disputed_base", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "stream", "remote_id"),
    )
    with op.batch_alter_table("invoice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invoice_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoice_dirty"), ["dirty"], unique=False)

    op.create_table(
        "known",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("sure", sa.Boolean(), nullable=False),
        sa.Column("listed_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("whole_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("lost_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("due", sa.Boolean(), nullable=False),
        sa.Column("figures", kamsync.store.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("connection"),
    )
    op.create_table(
        "lag",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("intent", sa.String(), nullable=False),
        sa.Column("sent_at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.Column("missed", sa.Float(), nullable=False),
        sa.Column("seen", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "intent"),
    )
    op.create_table(
        "lateness",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "stream", "seconds"),
    )
    op.create_table(
        "lease",
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.Column("expires_at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("resource"),
    )
    op.create_table(
        "link",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("evidence", kamsync.store.types.Json(), nullable=True),
        sa.Column("decided_at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection", "stream", "remote_id"),
    )
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_link_account"), ["account"], unique=False)

    op.create_table(
        "face",
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=False),
        sa.Column("told", kamsync.store.types.Json(), nullable=True),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("no"),
        sa.UniqueConstraint("connection", "stream", "remote_id"),
    )
    with op.batch_alter_table("face", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_face_gone"), ["gone"], unique=False)

    op.create_table(
        "clue",
        sa.Column("clue", sa.String(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("side", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("clue", "no"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("clue", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_clue_no"), ["no"], unique=False)

    op.create_table(
        "kin",
        sa.Column("one", sa.Integer(), nullable=False),
        sa.Column("other", sa.Integer(), nullable=False),
        sa.Column("alike", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("one", "other"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "member",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("dirty", sa.Boolean(), nullable=False),
        sa.Column("verified_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("other_names", kamsync.store.types.Json(), nullable=True),
        sa.Column("uscc", sa.Text(), nullable=True),
        sa.Column("industry", sa.Text(), nullable=True),
        sa.Column("industry_code", sa.Text(), nullable=True),
        sa.Column("ownership", sa.Text(), nullable=True),
        sa.Column("size", sa.Text(), nullable=True),
        sa.Column("employees", sa.BigInteger(), nullable=True),
        sa.Column("annual_revenue_minor", sa.BigInteger(), nullable=True),
        sa.Column("annual_revenue_currency", sa.String(length=3), nullable=True),
        sa.Column("annual_revenue_base", sa.BigInteger(), nullable=True),
        sa.Column("founded", sa.Date(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("domain", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("province", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("parent_stream", sa.Text(), nullable=True),
        sa.Column("parent_ref", sa.Text(), nullable=True),
        sa.Column("relation", sa.Text(), nullable=True),
        sa.Column("group_name", sa.Text(), nullable=True),
        sa.Column("owner_stream", sa.Text(), nullable=True),
        sa.Column("owner_ref", sa.Text(), nullable=True),
        sa.Column("backup_owner_stream", sa.Text(), nullable=True),
        sa.Column("backup_owner_ref", sa.Text(), nullable=True),
        sa.Column("sponsor_stream", sa.Text(), nullable=True),
        sa.Column("sponsor_ref", sa.Text(), nullable=True),
        sa.Column("rating", sa.Text(), nullable=True),
        sa.Column("lifecycle", sa.Text(), nullable=True),
        sa.Column("wallet_minor", sa.BigInteger(), nullable=True),
        sa.Column("wallet_currency", sa.String(length=3), nullable=True),
        sa.Column("wallet_base", sa.BigInteger(), nullable=True),
        sa.Column("wallet_date", sa.Date(), nullable=True),
        sa.Column("payment_terms", sa.Text(), nullable=True),
        sa.Column("credit_days", sa.BigInteger(), nullable=True),
        sa.Column("credit_limit_minor", sa.BigInteger(), nullable=True),
        sa.Column("credit_limit_currency", sa.String(length=3), nullable=True),
        sa.Column("credit_limit_base", sa.BigInteger(), nullable=True),
        sa.Column("strategic", sa.BigInteger(), nullable=True),
        sa.Column("strategic_by", sa.Text(), nullable=True),
        sa.Column("strategic_date", sa.Date(), nullable=True),
        sa.Column("strategic_reason", sa.Text(), nullable=True),
        sa.Column("influence", sa.BigInteger(), nullable=True),
        sa.Column("influence_by", sa.Text(), nullable=True),
        sa.Column("influence_date", sa.Date(), nullable=True),
        sa.Column("influence_reason", sa.Text(), nullable=True),
        sa.Column("preferences", sa.Text(), nullable=True),
        sa.Column("concerns", sa.Text(), nullable=True),
        sa.Column("business_model", sa.Text(), nullable=True),
        sa.Column("goals", sa.Text(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("reference", sa.Boolean(), nullable=True),
        sa.Column("blacklisted", sa.Boolean(), nullable=True),
        sa.Column("deregistered", sa.Boolean(), nullable=True),
        sa.Column("flags", kamsync.store.types.Json(), nullable=True),
        sa.Column("created_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("changed_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("connection", "stream", "remote_id"),
    )
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_member_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_member_dirty"), ["dirty"], unique=False)

    op.create_table(
        "missed",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=False),
        sa.Column("lists", sa.Integer(), nullable=False),
        sa.Column("since", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "stream", "remote_id"),
    )
    op.create_table(
        "moved",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=False),
        sa.Column("from_stream", sa.String(), nullable=False),
        sa.Column("from_ref", sa.String(), nullable=False),
        sa.Column("to_ref", sa.String(), nullable=False),
        sa.Column("at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection", "stream", "remote_id", "from_stream", "from_ref"),
    )
    op.create_table(
        "notice",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "stream", "field", "value"),
    )
    op.create_table(
        "order_line",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("dirty", sa.Boolean(), nullable=False),
        sa.Column("verified_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("order_stream", sa.Text(), nullable=True),
        sa.Column("order_ref", sa.Text(), nullable=True),
        sa.Column("account_stream", sa.Text(), nullable=True),
        sa.Column("account_ref", sa.Text(), nullable=True),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("product_ref_stream", sa.Text(), nullable=True),
        sa.Column("product_ref_ref", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("quantity", kamsync.store.types.DecimalText(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("price_minor", sa.BigInteger(), nullable=True),
        sa.Column("price_currency", sa.String(length=3), nullable=True),
        sa.Column("price_base", sa.BigInteger(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("amount_currency", sa.String(length=3), nullable=True),
        sa.Column("amount_base", sa.BigInteger(), nullable=True),
        sa.Column("cost_minor", sa.BigInteger(), nullable=True),
        sa.Column("cost_currency", sa.String(length=3), nullable=True),
        sa.Column("cost_base", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "stream", "remote_id"),
    )
    with op.batch_alter_table("order_line", schema=None) as batch_op:
        batch_op.create_index("order_line_order", ["connection", "order_stream", "order_ref"], unique=False)
        batch_op.create_index(batch_op.f("ix_order_line_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_order_line_dirty"), ["dirty"], unique=False)

    op.create_table(
        "returns",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("dirty", sa.Boolean(), nullable=False),
        sa.Column("verified_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("account_stream", sa.Text(), nullable=True),
        sa.Column("account_ref", sa.Text(), nullable=True),
        sa.Column("order_stream", sa.Text(), nullable=True),
        sa.Column("order_ref", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("counts", sa.Boolean(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("amount_currency", sa.String(length=3), nullable=True),
        sa.Column("amount_base", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "stream", "remote_id"),
    )
    with op.batch_alter_table("returns", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_returns_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_returns_dirty"), ["dirty"], unique=False)

    op.create_table(
        "inspection",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("dirty", sa.Boolean(), nullable=False),
        sa.Column("verified_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("account_stream", sa.Text(), nullable=True),
        sa.Column("account_ref", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("site", sa.Text(), nullable=True),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("reported", sa.Date(), nullable=True),
        sa.Column("findings", sa.Text(), nullable=True),
        sa.Column("cycle_days", sa.BigInteger(), nullable=True),
        sa.Column("owner_stream", sa.Text(), nullable=True),
        sa.Column("owner_ref", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "stream", "remote_id"),
    )
    with op.batch_alter_table("inspection", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inspection_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_inspection_dirty"), ["dirty"], unique=False)

    op.create_table(
        "training",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("dirty", sa.Boolean(), nullable=False),
        sa.Column("verified_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("account_stream", sa.Text(), nullable=True),
        sa.Column("account_ref", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("attendees", sa.BigInteger(), nullable=True),
        sa.Column("score", kamsync.store.types.DecimalText(), nullable=True),
        sa.Column("max_score", kamsync.store.types.DecimalText(), nullable=True),
        sa.Column("owner_stream", sa.Text(), nullable=True),
        sa.Column("owner_ref", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "stream", "remote_id"),
    )
    with op.batch_alter_table("training", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_training_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_training_dirty"), ["dirty"], unique=False)

    op.create_table(
        "orders",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("dirty", sa.Boolean(), nullable=False),
        sa.Column("verified_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("account_stream", sa.Text(), nullable=True),
        sa.Column("account_ref", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("counts", sa.Boolean(), nullable=True),
        sa.Column("gross_minor", sa.BigInteger(), nullable=True),
        sa.Column("gross_currency", sa.String(length=3), nullable=True),
        sa.Column("gross_base", sa.BigInteger(), nullable=True),
        sa.Column("returned_minor", sa.BigInteger(), nullable=True),
        sa.Column("returned_currency", sa.String(length=3), nullable=True),
        sa.Column("returned_base", sa.BigInteger(), nullable=True),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=True),
        sa.Column("refunded_currency", sa.String(length=3), nullable=True),
        sa.Column("refunded_base", sa.BigInteger(), nullable=True),
        sa.Column("cost_minor", sa.BigInteger(), nullable=True),
        sa.Column("cost_currency", sa.String(length=3), nullable=True),
        sa.Column("cost_base", sa.BigInteger(), nullable=True),
        sa.Column("delivery_date", sa.Date(), nullable=True),
        sa.Column("deal_stream", sa.Text(), nullable=True),
        sa.Column("deal_ref", sa.Text(), nullable=True),
        sa.Column("contract_stream", sa.Text(), nullable=True),
        sa.Column("contract_ref", sa.Text(), nullable=True),
        sa.Column("owner_stream", sa.Text(), nullable=True),
        sa.Column("owner_ref", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "stream", "remote_id"),
    )
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index("orders_day", ["account_id", "date"], unique=False)
        batch_op.create_index(batch_op.f("ix_orders_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_orders_dirty"), ["dirty"], unique=False)

    op.create_table(
        "ours",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("marker", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("modified_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("seen_at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection", "marker", "remote_id"),
    )
    op.create_table(
        "owned",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=False),
        sa.Column("facet", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("intent", sa.String(), nullable=False),
        sa.Column("written_at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection", "stream", "remote_id", "facet"),
    )
    op.create_table(
        "parked",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("until", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection"),
    )
    op.create_table(
        "payment",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("dirty", sa.Boolean(), nullable=False),
        sa.Column("verified_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("account_stream", sa.Text(), nullable=True),
        sa.Column("account_ref", sa.Text(), nullable=True),
        sa.Column("order_stream", sa.Text(), nullable=True),
        sa.Column("order_ref", sa.Text(), nullable=True),
        sa.Column("invoice_stream", sa.Text(), nullable=True),
        sa.Column("invoice_ref", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("amount_currency", sa.String(length=3), nullable=True),
        sa.Column("amount_base", sa.BigInteger(), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "stream", "remote_id"),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_dirty"), ["dirty"], unique=False)

    op.create_table(
        "plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("made_at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("credits", kamsync.store.types.DecimalText(), nullable=False),
        sa.Column("accepted_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("drafted_at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.Column("simulation", kamsync.store.types.Json(), nullable=True),
        sa.Column("approver", sa.String(), nullable=True),
        sa.Column("approved_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("publisher", sa.String(), nullable=True),
        sa.Column("published_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("starts", sa.Date(), nullable=True),
        sa.Column("ended_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "policy",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("first_used", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_table(
        "mapping",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "version"),
    )
    op.create_table(
        "mapping_aside",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection"),
    )
    op.create_table(
        "mapped",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=True),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("linked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "stream"),
    )
    op.create_table(
        "quarantine",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("zh", sa.String(), nullable=False),
        sa.Column("en", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("seen_at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection", "stream", "remote_id"),
    )
    op.create_table(
        "raw",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=False),
        sa.Column("modified_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("life", sa.String(), nullable=False),
        sa.Column("gone_into", sa.String(), nullable=True),
        sa.Column("landed_at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "stream", "remote_id"),
    )
    with op.batch_alter_table("raw", schema=None) as batch_op:
        batch_op.create_index("raw_life", ["life", "connection", "stream", "modified_at"], unique=False)

    op.create_table(
        "receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("intent", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=True),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("receipt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receipt_intent"), ["intent"], unique=False)

    op.create_table(
        "review",
        sa.Column("a", sa.String(), nullable=False),
        sa.Column("b", sa.String(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("evidence", kamsync.store.types.Json(), nullable=True),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("decided_at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("a", "b"),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("started_at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.Column("ended_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("verdict", sa.String(), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("figures", kamsync.store.types.Json(), nullable=True),
        sa.Column("trouble", kamsync.store.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "seen",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.Column("modified_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("connection", "stream", "remote_id"),
    )
    op.create_table(
        "spent",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("minute", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "minute", "lane"),
    )
    op.create_table(
        "state",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=False),
        sa.Column("facet", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("wanted", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("seen_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("connection", "stream", "remote_id", "facet"),
    )
    with op.batch_alter_table("state", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_state_account"), ["account"], unique=False)

    op.create_table(
        "survey",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("dirty", sa.Boolean(), nullable=False),
        sa.Column("verified_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("account_stream", sa.Text(), nullable=True),
        sa.Column("account_ref", sa.Text(), nullable=True),
        sa.Column("contact_stream", sa.Text(), nullable=True),
        sa.Column("contact_ref", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("score", kamsync.store.types.DecimalText(), nullable=True),
        sa.Column("max_score", kamsync.store.types.DecimalText(), nullable=True),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("sent", sa.Date(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "stream", "remote_id"),
    )
    with op.batch_alter_table("survey", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_survey_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_survey_dirty"), ["dirty"], unique=False)

    op.create_table(
        "tenant",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("facts", kamsync.store.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("connection"),
    )
    op.create_table(
        "token",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("minted_at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.Column("refresh_at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.Column("expires_at", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection"),
    )
    op.create_table(
        "users",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("dirty", sa.Boolean(), nullable=False),
        sa.Column("verified_at", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=True),
        sa.Column("away_until", sa.Date(), nullable=True),
        sa.Column("manager_stream", sa.Text(), nullable=True),
        sa.Column("manager_ref", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "stream", "remote_id"),
    )
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_users_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_users_dirty"), ["dirty"], unique=False)

    op.create_table(
        "watch",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("since", kamsync.store.types.UtcTime(timezone=True), nullable=False),
        sa.Column("until", kamsync.store.types.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("connection"),
    )
