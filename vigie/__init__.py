"""Vigie: monitoring and recovery of a school's OpenERP service, centred on Zabbix."""

__version__ = "0.1.0"
