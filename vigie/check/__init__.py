"""`vigie check`: the observations that Zabbix makes, for whoever has no Zabbix yet."""
