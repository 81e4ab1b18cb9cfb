"""The story of one record, from a CRM's page to a task that is surely there: `cycle` is the table of contents."""
