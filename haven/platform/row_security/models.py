"""No tables of its own: the module is here so that Django tells this app when migrations are done."""
