"""The observation of a school's OpenERP: its server asked by XML-RPC, its contexts read in PostgreSQL."""
