"""The kinds of objects, in the order in which they are applied; removals go the other way round."""

from provisioning.model import Kind
from provisioning.objects.dependencies import Dependencies
from provisioning.objects.host_groups import HostGroups
from provisioning.objects.hosts import Hosts
from provisioning.objects.macros import Macros
from provisioning.objects.proxies import Proxies
from provisioning.objects.services import Services
from provisioning.objects.template_groups import TemplateGroups
from provisioning.objects.templates import Templates

KINDS: tuple[type[Kind], ...] = (HostGroups, TemplateGroups, Templates, Proxies, Hosts, Macros, Dependencies, Services)
