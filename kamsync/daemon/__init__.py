"""The daemon: what runs when (`due`, pure), this version's one driver (`ticker`), and the work itself (`serve`)."""
