"""Discovery: what ``driftbot init`` finds in folders and on servers, and the configuration it proposes."""
