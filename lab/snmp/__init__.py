"""Simulated network devices: what their SNMP agents answer. The agents themselves are Debian's snmpd."""
