"""Objects of built-in kinds in many states, as controllers and kubelets would leave them; made at random from a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from random import Random

__all__ = ["CLUSTER_WIDE", "NAMESPACED"]

_TIMES = ["2026-11-21T10:00:00Z", "2025-01-01T00:00:00Z", "2019-05-05T05:05:05Z", "2026-11-20T23:59:59Z"]
_POD_SPEC = {"containers": [{"name": "a", "image": "nginx:1"}, {"name": "b", "image": "busybox"}]}
_TEMPLATE = {"metadata": {"labels": {"app": "x"}}, "spec": _POD_SPEC}
_SELECTOR = {
    "matchLabels": {"app": "x"},
    "matchExpressions": [
        {"key": "app", "operator": "In", "values": ["y", "x"]},
        {"key": "tier", "operator": "DoesNotExist"},
        {"key": "zone", "operator": "NotIn", "values": ["q"]},
    ],
}


def _some(random: Random, **fields: list[Any]) -> dict[str, Any]:
    """One of the values for each field; ... leaves it out."""
    chosen = {name: random.choice(values) for name, values in fields.items()}
    return {name: value for name, value in chosen.items() if value is not ...}


def _condition(random: Random, *types: str) -> list[dict[str, Any]]:
    return [
        {
            "type": one,
            "status": random.choice(["True", "False", "Unknown"]),
            "reason": random.choice(["Why", "SchedulingGated"]),
        }
        for one in types
        if random.random() < 0.5
    ]


def _container_status(random: Random, name: str) -> dict[str, Any]:
    ended = _some(
        random,
        exitCode=[0, 0, 1, 137],
        reason=[..., "Completed", "Error", "OOMKilled"],
        signal=[..., 9],
        finishedAt=[..., *_TIMES],
    )
    state = random.choice(
        [
            {},
            {"running": {}},
            {"running": {"startedAt": _TIMES[0]}},
            {"waiting": _some(random, reason=[..., "CrashLoopBackOff", "PodInitializing", "ImagePullBackOff"])},
            {"terminated": ended},
        ]
    )
    last = random.choice([{}, {"terminated": {"exitCode": 1, "finishedAt": random.choice(_TIMES)}}])
    flags = _some(random, ready=[True, False], started=[..., True, False], restartCount=[0, 0, 1, 5])
    return {"name": name, "image": "x", "imageID": "x", "state": state, "lastState": last, **flags}


def pod(random: Random) -> dict[str, Any]:
    initial: list[tuple[str, str | None]] = random.choice(
        [[], [("i", None)], [("i", None), ("s", "Always")], [("s", "Always")]]
    )
    spec = {
        **_POD_SPEC,
        "initContainers": [
            {"name": name, "image": "x", **({"restartPolicy": policy} if policy else {})} for name, policy in initial
        ],
        **_some(
            random,
            nodeName=[..., "n1"],
            readinessGates=[..., [{"conditionType": "g.io/a"}, {"conditionType": "g.io/b"}]],
        ),
    }
    status = {
        **_some(
            random,
            phase=["Pending", "Running", "Running", "Running", "Succeeded", "Failed", "Unknown"],
            reason=[..., ..., ..., "Evicted", "NodeLost"],
            nominatedNodeName=[..., "n2"],
            podIPs=[..., [{"ip": "10.1.2.3"}, {"ip": "fd00::1"}]],
        ),
        "conditions": _condition(random, "PodScheduled", "Initialized", "Ready", "g.io/a"),
        "initContainerStatuses": [_container_status(random, name) for name, _ in initial],
        "containerStatuses": [_container_status(random, name) for name in ("a", "b") if random.random() < 0.8],
    }
    if "podIPs" in status:
        status["podIP"] = status["podIPs"][0]["ip"]
    finalizers = {"finalizers": ["x.io/keep"]} if random.random() < 0.2 else {}
    return {"metadata": {"labels": {"app": "x"}, **finalizers}, "spec": spec, "status": status}


def deployment(random: Random) -> dict[str, Any]:
    status = _some(
        random, replicas=[..., 2], updatedReplicas=[..., 2], readyReplicas=[..., 1], availableReplicas=[..., 1]
    )
    return {"spec": {"replicas": random.randrange(3), "selector": _SELECTOR, "template": _TEMPLATE}, "status": status}


def replica_set(random: Random) -> dict[str, Any]:
    status = {"replicas": 3, **_some(random, readyReplicas=[..., 2])}
    return {
        "spec": {
            "replicas": 3,
            "selector": random.choice([_SELECTOR, {"matchLabels": {"app": "x"}}]),
            "template": _TEMPLATE,
        },
        "status": status,
    }


def replication_controller(random: Random) -> dict[str, Any]:
    return {
        "spec": {"replicas": 0, "selector": {"app": "x"}, "template": _TEMPLATE},
        "status": {"replicas": 2, **_some(random, readyReplicas=[..., 2])},
    }


def stateful_set(random: Random) -> dict[str, Any]:
    return {
        "spec": {"serviceName": "x", "replicas": random.randrange(3), "selector": _SELECTOR, "template": _TEMPLATE},
        "status": {"replicas": 2, **_some(random, readyReplicas=[..., 2])},
    }


def daemon_set(random: Random) -> dict[str, Any]:
    spec = {**_POD_SPEC, **_some(random, nodeSelector=[..., {"disk": "ssd", "a": "b"}])}
    status = {
        "currentNumberScheduled": 1,
        "numberMisscheduled": 0,
        "desiredNumberScheduled": 2,
        "numberReady": 1,
        **_some(random, updatedNumberScheduled=[..., 1], numberAvailable=[..., 1]),
    }
    return {"spec": {"selector": _SELECTOR, "template": {**_TEMPLATE, "spec": spec}}, "status": status}


def job(random: Random) -> dict[str, Any]:
    template = {"spec": {**_POD_SPEC, "restartPolicy": "Never"}}
    spec = {
        "template": template,
        **_some(random, completions=[..., 1, 3], parallelism=[..., 0, 1, 3], suspend=[..., True]),
    }
    return {"spec": spec, "status": _some(random, startTime=[..., _TIMES[0]], active=[..., 1])}


def finished_job(random: Random) -> dict[str, Any]:
    template = {"spec": {**_POD_SPEC, "restartPolicy": "Never"}}
    types = random.choice(
        [["SuccessCriteriaMet", "Complete"], ["FailureTarget", "Failed"], ["FailureTarget"], ["SuccessCriteriaMet"]]
    )
    status: dict[str, Any] = {
        "startTime": _TIMES[0],
        "conditions": [{"type": one, "status": "True", "lastTransitionTime": _TIMES[0]} for one in types],
    }
    if "Complete" in types:
        status.update(completionTime="2026-11-21T10:07:00Z", succeeded=1)
    return {"spec": {"template": template, "completions": 1}, "status": status}


def cron_job(random: Random) -> dict[str, Any]:
    spec = {
        "schedule": "*/5 * * * *",
        "jobTemplate": {"spec": {"template": {"spec": {**_POD_SPEC, "restartPolicy": "Never"}}}},
        **_some(random, suspend=[..., True, False], timeZone=[..., "Etc/UTC"]),
    }
    return {
        "spec": spec,
        "status": _some(random, lastScheduleTime=[..., *_TIMES], active=[..., [{"kind": "Job", "name": "j"}]]),
    }


def service(random: Random) -> dict[str, Any]:
    type_ = random.choice(["ClusterIP", "NodePort", "LoadBalancer", "ExternalName", "ClusterIP"])
    spec: dict[str, Any] = {"type": type_, **_some(random, selector=[..., {"b": "c", "a": "b"}])}
    if type_ == "ExternalName":
        spec["externalName"] = "example.org"
    else:
        spec["ports"] = [{"name": "a", "port": 80}, {"name": "b", "port": 53, "protocol": "UDP"}][
            : random.randrange(1, 3)
        ]
        spec.update(_some(random, externalIPs=[..., ["1.2.3.4", "5.6.7.8"]]))
    if type_ == "ClusterIP":
        spec.update(_some(random, clusterIP=[..., "None"]))
    status = {}
    if type_ == "LoadBalancer":
        points = [{"ip": "9.9.9.9"}, {"hostname": "a.very.long.name.example.org"}, {"ip": "1.1.1.1"}]
        status = random.choice([{}, {"loadBalancer": {"ingress": points[: random.randrange(4)]}}])
    return {"spec": spec, "status": status}


def ingress(random: Random) -> dict[str, Any]:
    backend = {"service": {"name": "x", "port": {"number": 80}}}
    hosts = random.sample(["a.org", "b.org", "", "c.org", "d.org", "*.e.org"], random.randrange(6))
    rules = [
        {
            **({"host": host} if host else {}),
            "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]},
        }
        for host in hosts
    ]
    spec = {
        "defaultBackend": backend,
        "rules": rules,
        **_some(random, ingressClassName=[..., "nginx"], tls=[..., [{"hosts": ["a.org"]}]]),
    }
    points = [{"ip": "9.9.9.9"}, {"hostname": "a.very.long.name.example.org"}][: random.randrange(3)]
    return {"spec": spec, "status": {"loadBalancer": {"ingress": points}}}


def endpoints(random: Random) -> dict[str, Any]:
    addresses = [{"ip": f"10.0.1.{number}"} for number in range(1, random.randrange(2, 6))]
    one = {
        "addresses": addresses,
        **_some(random, ports=[..., [{"port": 80}], [{"name": "a", "port": 80}, {"name": "b", "port": 81}]]),
    }
    six = {"addresses": [{"ip": "fd00::1"}], "ports": [{"port": 443}]}
    return {"subsets": random.choice([[], [one], [one, six]])}


def endpoint_slice(random: Random) -> dict[str, Any]:
    ports = [{"name": "a", "port": 80}, {"name": "b"}, {"name": "c", "port": 82}, {"name": "", "port": 83}]
    addresses = [{"addresses": [f"10.0.1.{number}"]} for number in range(random.randrange(6))]
    return {"addressType": "IPv4", "ports": ports[: random.randrange(5)], "endpoints": addresses}


def claim(random: Random) -> dict[str, Any]:
    spec = {
        "accessModes": ["ReadWriteMany", "ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
        **_some(
            random,
            volumeName=[..., "pv1"],
            storageClassName=[..., "fast", ""],
            volumeMode=[..., "Block"],
            volumeAttributesClassName=[..., "gold"],
        ),
    }
    status = _some(
        random,
        phase=["Pending", "Bound", "Lost"],
        capacity=[..., {"storage": "2Gi"}],
        accessModes=[..., ["ReadWriteOnce", "ReadOnlyMany"]],
    )
    annotations = random.choice([{}, {"volume.beta.kubernetes.io/storage-class": "beta"}])
    return {"metadata": {"annotations": annotations}, "spec": spec, "status": status}


def autoscaler(random: Random) -> dict[str, Any]:
    metric = {"name": "m"}
    thing = {"kind": "Service", "name": "s", "apiVersion": "v1"}
    kinds = [
        (
            "Resource",
            {"resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}},
            {"resource": {"name": "cpu", "current": {"averageUtilization": 12, "averageValue": "3m"}}},
        ),
        (
            "Resource",
            {"resource": {"name": "memory", "target": {"type": "AverageValue", "averageValue": "1Gi"}}},
            {"resource": {"name": "memory", "current": {"averageValue": "5Mi"}}},
        ),
        (
            "ContainerResource",
            {
                "containerResource": {
                    "name": "cpu",
                    "container": "a",
                    "target": {"type": "Utilization", "averageUtilization": 5},
                }
            },
            {"containerResource": {"name": "cpu", "container": "a", "current": {"averageValue": "1"}}},
        ),
        (
            "Pods",
            {"pods": {"metric": metric, "target": {"type": "AverageValue", "averageValue": "10"}}},
            {"pods": {"metric": metric, "current": {"averageValue": "3"}}},
        ),
        (
            "Object",
            {"object": {"metric": metric, "describedObject": thing, "target": {"type": "Value", "value": "10"}}},
            {"object": {"metric": metric, "describedObject": thing, "current": {"value": "7"}}},
        ),
        (
            "Object",
            {
                "object": {
                    "metric": metric,
                    "describedObject": thing,
                    "target": {"type": "AverageValue", "averageValue": "10"},
                }
            },
            {"object": {"metric": metric, "describedObject": thing, "current": {"averageValue": "7"}}},
        ),
        (
            "External",
            {"external": {"metric": metric, "target": {"type": "Value", "value": "10"}}},
            {"external": {"metric": metric, "current": {"averageValue": "7"}}},
        ),
        (
            "External",
            {"external": {"metric": metric, "target": {"type": "AverageValue", "averageValue": "10"}}},
            {"external": {"metric": metric, "current": {"value": "7"}}},
        ),
    ]
    chosen = random.sample(kinds, random.randrange(1, 4))
    status = {
        "currentReplicas": 1,
        "desiredReplicas": 2,
        "currentMetrics": [{"type": type_, **told} for type_, _, told in chosen][: random.randrange(4)],
    }
    spec = {
        "scaleTargetRef": {"kind": "Deployment", "name": "d", "apiVersion": "apps/v1"},
        "maxReplicas": 5,
        "metrics": [{"type": type_, **asked} for type_, asked, _ in chosen],
    }
    return {"spec": {**spec, **_some(random, minReplicas=[..., 2])}, "status": status}


def budget(random: Random) -> dict[str, Any]:
    bound = random.choice([{"minAvailable": 1}, {"maxUnavailable": "30%"}, {}])
    return {
        "spec": {"selector": _SELECTOR, **bound},
        "status": {"disruptionsAllowed": 2, "currentHealthy": 1, "desiredHealthy": 1, "expectedPods": 2},
    }


def quota(random: Random) -> dict[str, Any]:
    hard = {"requests.cpu": "1", "limits.cpu": "2", "limits.memory": "1Gi", "pods": "10"}
    return {
        "spec": {"hard": hard},
        "status": random.choice([{}, {"hard": hard, "used": {"requests.cpu": "100m", "limits.cpu": "0", "pods": "1"}}]),
    }


def policy(random: Random) -> dict[str, Any]:
    return {"spec": {"podSelector": random.choice([{}, _SELECTOR])}}


def binding(random: Random) -> dict[str, Any]:
    subjects = [
        {"kind": "User", "name": "u", "apiGroup": "rbac.authorization.k8s.io"},
        {"kind": "User", "name": "v", "apiGroup": "rbac.authorization.k8s.io"},
        {"kind": "Group", "name": "g", "apiGroup": "rbac.authorization.k8s.io"},
        {"kind": "ServiceAccount", "name": "s", "namespace": "default"},
    ]
    reference = {"kind": "ClusterRole", "name": "view", "apiGroup": "rbac.authorization.k8s.io"}
    return {"roleRef": reference, "subjects": random.sample(subjects, random.randrange(5))}


def event(random: Random) -> dict[str, Any]:
    return {
        "involvedObject": {"kind": "Pod", "name": "p", "fieldPath": "spec.containers{a}"},
        "reason": "Pulled",
        "message": "  Pulled an image\n",
        "type": "Normal",
        **_some(
            random,
            source=[..., {"component": "kubelet", "host": "n1"}, {"component": "kubelet"}],
            firstTimestamp=[..., *_TIMES],
            lastTimestamp=[..., *_TIMES],
            count=[..., 7],
        ),
    }


def new_event(random: Random) -> dict[str, Any]:
    return {
        "involvedObject": {"kind": "Pod", "name": "p"},
        "reason": "Made",
        "message": "x",
        "type": "Warning",
        "eventTime": "2026-11-21T10:00:00.123456Z",
        "reportingComponent": "c.io/x",
        "reportingInstance": "i",
        "action": "Make",
        **_some(random, series=[..., {"count": 3, "lastObservedTime": "2026-11-21T11:00:00.999999Z"}]),
    }


def lease(random: Random) -> dict[str, Any]:
    return {"spec": _some(random, holderIdentity=[..., "me"])}


def revision(random: Random) -> dict[str, Any]:
    owner = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "x", "uid": "1", "controller": True}
    return {"metadata": {"ownerReferences": random.choice([[], [owner]])}, "revision": 4, "data": {}}


def config_map(random: Random) -> dict[str, Any]:
    return _some(random, data=[..., {"a": "b", "c": "d"}], binaryData=[..., {"x": "AA=="}])


def secret(random: Random) -> dict[str, Any]:
    return _some(random, data=[..., {"a": "AA=="}], type=[..., "x.io/y"])


def node(random: Random) -> dict[str, Any]:
    info = dict.fromkeys(
        (
            "machineID",
            "systemUUID",
            "bootID",
            "kernelVersion",
            "osImage",
            "containerRuntimeVersion",
            "kubeletVersion",
            "kubeProxyVersion",
            "operatingSystem",
            "architecture",
        ),
        "",
    )
    info.update(
        _some(
            random,
            kubeletVersion=["v1.36.0"],
            kernelVersion=["6.1", ""],
            osImage=["Linux", ""],
            architecture=["amd64", ""],
            containerRuntimeVersion=["containerd://2", ""],
        )
    )
    addresses = [
        {"type": "InternalIP", "address": "10.0.0.1"},
        {"type": "ExternalIP", "address": "1.2.3.4"},
        {"type": "Hostname", "address": "n"},
    ]
    labels = _some(
        random,
        **{
            "node-role.kubernetes.io/control-plane": [..., ""],
            "node-role.kubernetes.io/edge": [..., ""],
            "kubernetes.io/role": [..., "worker"],
        },
    )
    status = {
        "conditions": _condition(random, "MemoryPressure", "Ready"),
        "addresses": random.sample(addresses, random.randrange(4)),
        "nodeInfo": info,
    }
    return {"metadata": {"labels": labels}, "spec": _some(random, unschedulable=[..., True]), "status": status}


def volume(random: Random) -> dict[str, Any]:
    spec = {
        "capacity": {"storage": "1Gi"},
        "accessModes": random.choice([["ReadWriteOnce"], ["ReadOnlyMany", "ReadWriteMany"], ["ReadWriteOncePod"]]),
        "csi": {"driver": "x.io", "volumeHandle": "h"},
        **_some(
            random,
            claimRef=[..., {"namespace": "default", "name": "c"}],
            storageClassName=[..., "fast"],
            volumeMode=[..., "Block"],
            volumeAttributesClassName=[..., "gold"],
        ),
    }
    return {"spec": spec, "status": _some(random, phase=["Available", "Bound", "Failed"], reason=[..., "Broken"])}


def storage_class(random: Random) -> dict[str, Any]:
    annotations = random.choice(
        [
            {},
            {"storageclass.beta.kubernetes.io/is-default-class": "true"},
            {"storageclass.kubernetes.io/is-default-class": "false"},
        ]
    )
    fields = _some(
        random,
        reclaimPolicy=[..., "Retain"],
        volumeBindingMode=[..., "WaitForFirstConsumer"],
        allowVolumeExpansion=[..., True],
    )
    return {"metadata": {"annotations": annotations}, "provisioner": "x.io/y", **fields}


def ingress_class(random: Random) -> dict[str, Any]:
    annotations = random.choice([{}, {"ingressclass.kubernetes.io/is-default-class": "true"}])
    parameters = [
        ...,
        {"kind": "P", "name": "n", "scope": "Cluster"},
        {"kind": "P", "name": "n", "apiGroup": "x.io", "scope": "Cluster"},
    ]
    return {
        "metadata": {"annotations": annotations},
        "spec": {"controller": "x.io/y", **_some(random, parameters=parameters)},
    }


def attachment(random: Random) -> dict[str, Any]:
    return {
        "spec": {"attacher": "x.io", "nodeName": "n", "source": {"persistentVolumeName": "v"}},
        "status": {"attached": random.random() < 0.5},
    }


def csi_driver(random: Random) -> dict[str, Any]:
    return {
        "spec": _some(
            random,
            attachRequired=[..., False],
            podInfoOnMount=[..., True],
            storageCapacity=[..., True],
            requiresRepublish=[..., True],
            tokenRequests=[..., [{"audience": "a"}, {"audience": ""}]],
            volumeLifecycleModes=[..., ["Ephemeral", "Persistent"]],
        )
    }


def csi_node(random: Random) -> dict[str, Any]:
    return {"spec": {"drivers": [{"name": "x.io", "nodeID": "n"}][: random.randrange(2)]}}


def webhooks(random: Random) -> dict[str, Any]:
    hook = {
        "name": "a.b.io",
        "clientConfig": {"url": "https://x.io/"},
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
    return {"webhooks": [hook][: random.randrange(2)]}


def admission_policy(random: Random) -> dict[str, Any]:
    match = {
        "resourceRules": [{"apiGroups": ["x.io"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["ys"]}]
    }
    return {
        "spec": {
            "matchConstraints": match,
            "validations": [{"expression": "true"}],
            **_some(random, paramKind=[..., {"apiVersion": "v1", "kind": "ConfigMap"}]),
        }
    }


def admission_binding(random: Random) -> dict[str, Any]:
    action = {"parameterNotFoundAction": "Deny"}
    references = [
        ...,
        {"name": "p", **action},
        {"name": "p", "namespace": "default", **action},
        {"selector": _SELECTOR, **action},
        {"selector": {}, **action},
    ]
    return {"spec": {"policyName": "p.x.io", "validationActions": ["Audit"], **_some(random, paramRef=references)}}


def priority_class(random: Random) -> dict[str, Any]:
    return _some(random, value=[0, 7], preemptionPolicy=[..., "Never"], description=[..., "x"])


def runtime_class(random: Random) -> dict[str, Any]:
    return {"handler": "runc"}


def claim_of_devices(random: Random) -> dict[str, Any]:
    status = random.choice([{}, {"allocation": {}}])
    return {
        "spec": {"devices": {"requests": [{"name": "a", "exactly": {"deviceClassName": "x.io"}}]}},
        "status": status,
    }


def resource_slice(random: Random) -> dict[str, Any]:
    place = random.choice([{"nodeName": "n"}, {"allNodes": True}])
    return {"spec": {"driver": "x.io", "pool": {"name": "p", "generation": 1, "resourceSliceCount": 1}, **place}}


def api_service(random: Random) -> dict[str, Any]:
    return {}


def address(random: Random) -> dict[str, Any]:
    return {
        "spec": {
            "parentRef": {
                "resource": "Services",
                "name": "s",
                **_some(random, group=[..., "x.io"], namespace=[..., "default"]),
            }
        }
    }


def flow_schema(random: Random) -> dict[str, Any]:
    status = random.choice(
        [{}, {"conditions": [{"type": "Dangling", "status": "True", "lastTransitionTime": _TIMES[0]}]}]
    )
    spec = {
        "priorityLevelConfiguration": {"name": "workload-low"},
        "matchingPrecedence": random.randrange(9000, 9990),
        **_some(random, distinguisherMethod=[..., {"type": "ByUser"}]),
    }
    return {"spec": spec, "status": status}


def priority_level(random: Random) -> dict[str, Any]:
    queuing = {"type": "Queue", "queuing": {"queues": 4, "handSize": 2, "queueLengthLimit": 3}}
    limited = {
        "nominalConcurrencyShares": random.randrange(3),
        "limitResponse": random.choice([queuing, {"type": "Reject"}]),
    }
    return {
        "spec": random.choice(
            [
                {"type": "Limited", "limited": {"limitResponse": {"type": "Reject"}}},
                {"type": "Limited", "limited": limited},
            ]
        )
    }


NAMESPACED = {
    "api/v1/pods": (pod, 80),
    "api/v1/services": (service, 25),
    "api/v1/endpoints": (endpoints, 12),
    "api/v1/configmaps": (config_map, 5),
    "api/v1/secrets": (secret, 4),
    "api/v1/persistentvolumeclaims": (claim, 14),
    "api/v1/replicationcontrollers": (replication_controller, 3),
    "api/v1/resourcequotas": (quota, 3),
    "api/v1/serviceaccounts": (lambda _: {}, 1),
    "api/v1/limitranges": (lambda _: {"spec": {"limits": []}}, 1),
    "api/v1/podtemplates": (lambda _: {"template": _TEMPLATE}, 1),
    "api/v1/events": (event, 20),
    "apis/apps/v1/deployments": (deployment, 6),
    "apis/apps/v1/replicasets": (replica_set, 4),
    "apis/apps/v1/statefulsets": (stateful_set, 4),
    "apis/apps/v1/daemonsets": (daemon_set, 6),
    "apis/apps/v1/controllerrevisions": (revision, 4),
    "apis/batch/v1/jobs": (job, 15),
    "apis/batch/v1/cronjobs": (cron_job, 10),
    "apis/autoscaling/v2/horizontalpodautoscalers": (autoscaler, 25),
    "apis/policy/v1/poddisruptionbudgets": (budget, 5),
    "apis/networking.k8s.io/v1/ingresses": (ingress, 12),
    "apis/networking.k8s.io/v1/networkpolicies": (policy, 3),
    "apis/discovery.k8s.io/v1/endpointslices": (endpoint_slice, 12),
    "apis/coordination.k8s.io/v1/leases": (lease, 3),
    "apis/rbac.authorization.k8s.io/v1/rolebindings": (binding, 8),
    "apis/rbac.authorization.k8s.io/v1/roles": (lambda _: {"rules": []}, 1),
    "apis/resource.k8s.io/v1/resourceclaims": (claim_of_devices, 4),
    "apis/storage.k8s.io/v1/csistoragecapacities": (lambda _: {"storageClassName": "x", "capacity": "1Gi"}, 1),
}
"""Maker and number of objects by the address of the kind."""

CLUSTER_WIDE = {
    "api/v1/nodes": (node, 12),
    "api/v1/persistentvolumes": (volume, 10),
    "apis/storage.k8s.io/v1/storageclasses": (storage_class, 6),
    "apis/networking.k8s.io/v1/ingressclasses": (ingress_class, 6),
    "apis/storage.k8s.io/v1/volumeattachments": (attachment, 2),
    "apis/storage.k8s.io/v1/csidrivers": (csi_driver, 6),
    "apis/storage.k8s.io/v1/csinodes": (csi_node, 2),
    "apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations": (webhooks, 2),
    "apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies": (admission_policy, 2),
    "apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings": (admission_binding, 8),
    "apis/scheduling.k8s.io/v1/priorityclasses": (priority_class, 4),
    "apis/node.k8s.io/v1/runtimeclasses": (runtime_class, 1),
    "apis/resource.k8s.io/v1/resourceslices": (resource_slice, 3),
    "apis/rbac.authorization.k8s.io/v1/clusterrolebindings": (binding, 3),
    "apis/flowcontrol.apiserver.k8s.io/v1/flowschemas": (flow_schema, 5),
    "apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations": (priority_level, 6),
}
