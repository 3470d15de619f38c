"""What can go wrong between Vigie and Zabbix, each as one sentence."""

from vigie.errors import Exit, VigieError


class ZabbixError(VigieError):
    """Zabbix cannot be reached, or refused a call. Never holds a secret, a request or a whole answer."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, Exit.FAILED)


class UnreachableError(ZabbixError):
    """No answer of Zabbix's API: wrong address, network, certificate, web server or deadline."""


class TokenRefusedError(ZabbixError):
    """Zabbix does not accept the API token."""


class RightsMissingError(ZabbixError):
    """The token's user may not do this."""


class CallRefusedError(ZabbixError):
    """Zabbix understood a call and refused it.

    Args:
        method: the API method.
        reason: Zabbix's own words.
    """

    def __init__(self, method: str, reason: str) -> None:
        super().__init__(f"Zabbix refused {method}: {reason}")
        self.method = method
        self.reason = reason
