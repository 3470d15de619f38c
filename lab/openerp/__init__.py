"""A stand-in for OpenERP 6.0: it speaks its protocol over the real PostgreSQL, and is not OpenERP.

What it does is what was measured on the servers 6.0.3 and 6.0.4. `vigie lab up --openerp DIR` runs a real one instead.
"""
