"""Speaking to Zabbix: the session, and every difference between its releases."""
