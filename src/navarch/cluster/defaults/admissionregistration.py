"""What is filled in for webhooks and admission policies (pkg/apis/admissionregistration/v1)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Object = dict[str, Any]

__all__ = ["FILLS"]

_HTTPS = 443
_TIMEOUT = 10


def _webhooks(obj: Object) -> None:
    for webhook in obj.get("webhooks", ()):
        webhook.setdefault("failurePolicy", "Fail")
        _match(webhook)
        webhook.setdefault("timeoutSeconds", _TIMEOUT)
        service = webhook["clientConfig"].get("service")
        if service is not None:
            service.setdefault("port", _HTTPS)
        _rules(webhook.get("rules", ()))


def _mutating_webhooks(obj: Object) -> None:
    _webhooks(obj)
    for webhook in obj.get("webhooks", ()):
        webhook.setdefault("reinvocationPolicy", "Never")


def _match(owner: Object) -> None:
    owner.setdefault("matchPolicy", "Equivalent")
    owner.setdefault("namespaceSelector", {})
    owner.setdefault("objectSelector", {})


def _rules(rules: Any) -> None:
    for rule in rules:
        rule.setdefault("scope", "*")


def _resources(matched: Object) -> None:
    _match(matched)
    _rules(matched.get("resourceRules", ()))
    _rules(matched.get("excludeResourceRules", ()))


def _policy(obj: Object) -> None:
    spec = obj["spec"]
    spec.setdefault("failurePolicy", "Fail")
    if "matchConstraints" in spec:
        _resources(spec["matchConstraints"])


def _binding(obj: Object) -> None:
    if "matchResources" in obj["spec"]:
        _resources(obj["spec"]["matchResources"])


FILLS = {
    "ValidatingWebhookConfiguration": _webhooks,
    "MutatingWebhookConfiguration": _mutating_webhooks,
    "ValidatingAdmissionPolicy": _policy,
    "MutatingAdmissionPolicy": _policy,
    "ValidatingAdmissionPolicyBinding": _binding,
    "MutatingAdmissionPolicyBinding": _binding,
}
