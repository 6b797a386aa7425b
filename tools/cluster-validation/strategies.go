package main

import (
	"k8s.io/apimachinery/pkg/runtime"
	aggregation "k8s.io/kube-aggregator/pkg/apis/apiregistration/install"
	aggregation_apiservice "k8s.io/kube-aggregator/pkg/registry/apiservice"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	admissionregistration_mutatingadmissionpolicy "k8s.io/kubernetes/pkg/registry/admissionregistration/mutatingadmissionpolicy"
	admissionregistration_mutatingadmissionpolicybinding "k8s.io/kubernetes/pkg/registry/admissionregistration/mutatingadmissionpolicybinding"
	admissionregistration_mutatingwebhookconfiguration "k8s.io/kubernetes/pkg/registry/admissionregistration/mutatingwebhookconfiguration"
	admissionregistration_validatingadmissionpolicy "k8s.io/kubernetes/pkg/registry/admissionregistration/validatingadmissionpolicy"
	admissionregistration_validatingadmissionpolicybinding "k8s.io/kubernetes/pkg/registry/admissionregistration/validatingadmissionpolicybinding"
	admissionregistration_validatingwebhookconfiguration "k8s.io/kubernetes/pkg/registry/admissionregistration/validatingwebhookconfiguration"
	apps_controllerrevision "k8s.io/kubernetes/pkg/registry/apps/controllerrevision"
	apps_daemonset "k8s.io/kubernetes/pkg/registry/apps/daemonset"
	apps_deployment "k8s.io/kubernetes/pkg/registry/apps/deployment"
	apps_replicaset "k8s.io/kubernetes/pkg/registry/apps/replicaset"
	apps_statefulset "k8s.io/kubernetes/pkg/registry/apps/statefulset"
	autoscaling_horizontalpodautoscaler "k8s.io/kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler"
	batch_cronjob "k8s.io/kubernetes/pkg/registry/batch/cronjob"
	batch_job "k8s.io/kubernetes/pkg/registry/batch/job"
	certificates_certificates "k8s.io/kubernetes/pkg/registry/certificates/certificates"
	coordination_lease "k8s.io/kubernetes/pkg/registry/coordination/lease"
	core_configmap "k8s.io/kubernetes/pkg/registry/core/configmap"
	core_endpoint "k8s.io/kubernetes/pkg/registry/core/endpoint"
	core_event "k8s.io/kubernetes/pkg/registry/core/event"
	core_limitrange "k8s.io/kubernetes/pkg/registry/core/limitrange"
	core_namespace "k8s.io/kubernetes/pkg/registry/core/namespace"
	core_node "k8s.io/kubernetes/pkg/registry/core/node"
	core_persistentvolume "k8s.io/kubernetes/pkg/registry/core/persistentvolume"
	core_persistentvolumeclaim "k8s.io/kubernetes/pkg/registry/core/persistentvolumeclaim"
	core_pod "k8s.io/kubernetes/pkg/registry/core/pod"
	core_podtemplate "k8s.io/kubernetes/pkg/registry/core/podtemplate"
	core_replicationcontroller "k8s.io/kubernetes/pkg/registry/core/replicationcontroller"
	core_resourcequota "k8s.io/kubernetes/pkg/registry/core/resourcequota"
	core_secret "k8s.io/kubernetes/pkg/registry/core/secret"
	core_service "k8s.io/kubernetes/pkg/registry/core/service"
	core_serviceaccount "k8s.io/kubernetes/pkg/registry/core/serviceaccount"
	discovery_endpointslice "k8s.io/kubernetes/pkg/registry/discovery/endpointslice"
	flowcontrol_flowschema "k8s.io/kubernetes/pkg/registry/flowcontrol/flowschema"
	flowcontrol_prioritylevelconfiguration "k8s.io/kubernetes/pkg/registry/flowcontrol/prioritylevelconfiguration"
	networking_ingress "k8s.io/kubernetes/pkg/registry/networking/ingress"
	networking_ingressclass "k8s.io/kubernetes/pkg/registry/networking/ingressclass"
	networking_ipaddress "k8s.io/kubernetes/pkg/registry/networking/ipaddress"
	networking_networkpolicy "k8s.io/kubernetes/pkg/registry/networking/networkpolicy"
	networking_servicecidr "k8s.io/kubernetes/pkg/registry/networking/servicecidr"
	node_runtimeclass "k8s.io/kubernetes/pkg/registry/node/runtimeclass"
	policy_poddisruptionbudget "k8s.io/kubernetes/pkg/registry/policy/poddisruptionbudget"
	rbac_clusterrole "k8s.io/kubernetes/pkg/registry/rbac/clusterrole"
	rbac_clusterrolebinding "k8s.io/kubernetes/pkg/registry/rbac/clusterrolebinding"
	rbac_role "k8s.io/kubernetes/pkg/registry/rbac/role"
	rbac_rolebinding "k8s.io/kubernetes/pkg/registry/rbac/rolebinding"
	scheduling_priorityclass "k8s.io/kubernetes/pkg/registry/scheduling/priorityclass"
	storage_csidriver "k8s.io/kubernetes/pkg/registry/storage/csidriver"
	storage_csinode "k8s.io/kubernetes/pkg/registry/storage/csinode"
	storage_csistoragecapacity "k8s.io/kubernetes/pkg/registry/storage/csistoragecapacity"
	storage_storageclass "k8s.io/kubernetes/pkg/registry/storage/storageclass"
	storage_volumeattachment "k8s.io/kubernetes/pkg/registry/storage/volumeattachment"
	storage_volumeattributesclass "k8s.io/kubernetes/pkg/registry/storage/volumeattributesclass"
)

var strategies = map[string]any{
	"v1/Pod":                                                       core_pod.Strategy,
	"v1/Pod/status":                                                core_pod.StatusStrategy,
	"v1/Pod/ephemeralcontainers":                                   core_pod.EphemeralContainersStrategy,
	"v1/Pod/resize":                                                core_pod.ResizeStrategy,
	"v1/Service":                                                   core_service.Strategy,
	"v1/Service/status":                                            core_service.StatusStrategy,
	"v1/ConfigMap":                                                 core_configmap.Strategy,
	"v1/Secret":                                                    core_secret.Strategy,
	"v1/Namespace":                                                 core_namespace.Strategy,
	"v1/Namespace/status":                                          core_namespace.StatusStrategy,
	"v1/Namespace/finalize":                                        core_namespace.FinalizeStrategy,
	"v1/ServiceAccount":                                            core_serviceaccount.Strategy,
	"v1/Endpoints":                                                 core_endpoint.Strategy,
	"v1/Event":                                                     core_event.Strategy,
	"events.k8s.io/v1/Event":                                       core_event.Strategy,
	"v1/LimitRange":                                                core_limitrange.Strategy,
	"v1/Node":                                                      core_node.Strategy,
	"v1/Node/status":                                               core_node.StatusStrategy,
	"v1/PersistentVolume":                                          core_persistentvolume.Strategy,
	"v1/PersistentVolume/status":                                   core_persistentvolume.StatusStrategy,
	"v1/PersistentVolumeClaim":                                     core_persistentvolumeclaim.Strategy,
	"v1/PersistentVolumeClaim/status":                              core_persistentvolumeclaim.StatusStrategy,
	"v1/PodTemplate":                                               core_podtemplate.Strategy,
	"v1/ReplicationController":                                     core_replicationcontroller.Strategy,
	"v1/ReplicationController/status":                              core_replicationcontroller.StatusStrategy,
	"v1/ResourceQuota":                                             core_resourcequota.Strategy,
	"v1/ResourceQuota/status":                                      core_resourcequota.StatusStrategy,
	"apps/v1/Deployment":                                           apps_deployment.Strategy,
	"apps/v1/Deployment/status":                                    apps_deployment.StatusStrategy,
	"apps/v1/DaemonSet":                                            apps_daemonset.Strategy,
	"apps/v1/DaemonSet/status":                                     apps_daemonset.StatusStrategy,
	"apps/v1/StatefulSet":                                          apps_statefulset.Strategy,
	"apps/v1/StatefulSet/status":                                   apps_statefulset.StatusStrategy,
	"apps/v1/ReplicaSet":                                           apps_replicaset.Strategy,
	"apps/v1/ReplicaSet/status":                                    apps_replicaset.StatusStrategy,
	"apps/v1/ControllerRevision":                                   apps_controllerrevision.Strategy,
	"batch/v1/Job":                                                 batch_job.Strategy,
	"batch/v1/Job/status":                                          batch_job.StatusStrategy,
	"batch/v1/CronJob":                                             batch_cronjob.Strategy,
	"batch/v1/CronJob/status":                                      batch_cronjob.StatusStrategy,
	"autoscaling/v2/HorizontalPodAutoscaler":                       autoscaling_horizontalpodautoscaler.Strategy,
	"autoscaling/v2/HorizontalPodAutoscaler/status":                autoscaling_horizontalpodautoscaler.StatusStrategy,
	"autoscaling/v1/HorizontalPodAutoscaler":                       autoscaling_horizontalpodautoscaler.Strategy,
	"autoscaling/v1/HorizontalPodAutoscaler/status":                autoscaling_horizontalpodautoscaler.StatusStrategy,
	"policy/v1/PodDisruptionBudget":                                policy_poddisruptionbudget.Strategy,
	"policy/v1/PodDisruptionBudget/status":                         policy_poddisruptionbudget.StatusStrategy,
	"networking.k8s.io/v1/Ingress":                                 networking_ingress.Strategy,
	"networking.k8s.io/v1/Ingress/status":                          networking_ingress.StatusStrategy,
	"networking.k8s.io/v1/IngressClass":                            networking_ingressclass.Strategy,
	"networking.k8s.io/v1/NetworkPolicy":                           networking_networkpolicy.Strategy,
	"networking.k8s.io/v1/ServiceCIDR":                             networking_servicecidr.Strategy,
	"networking.k8s.io/v1/ServiceCIDR/status":                      networking_servicecidr.StatusStrategy,
	"networking.k8s.io/v1/IPAddress":                               networking_ipaddress.Strategy,
	"rbac.authorization.k8s.io/v1/Role":                            rbac_role.Strategy,
	"rbac.authorization.k8s.io/v1/RoleBinding":                     rbac_rolebinding.Strategy,
	"rbac.authorization.k8s.io/v1/ClusterRole":                     rbac_clusterrole.Strategy,
	"rbac.authorization.k8s.io/v1/ClusterRoleBinding":              rbac_clusterrolebinding.Strategy,
	"storage.k8s.io/v1/StorageClass":                               storage_storageclass.Strategy,
	"storage.k8s.io/v1/CSIDriver":                                  storage_csidriver.Strategy,
	"storage.k8s.io/v1/CSINode":                                    storage_csinode.Strategy,
	"storage.k8s.io/v1/CSIStorageCapacity":                         storage_csistoragecapacity.Strategy,
	"storage.k8s.io/v1/VolumeAttachment":                           storage_volumeattachment.Strategy,
	"storage.k8s.io/v1/VolumeAttachment/status":                    storage_volumeattachment.StatusStrategy,
	"storage.k8s.io/v1/VolumeAttributesClass":                      storage_volumeattributesclass.Strategy,
	"coordination.k8s.io/v1/Lease":                                 coordination_lease.Strategy,
	"scheduling.k8s.io/v1/PriorityClass":                           scheduling_priorityclass.Strategy,
	"discovery.k8s.io/v1/EndpointSlice":                            discovery_endpointslice.Strategy,
	"admissionregistration.k8s.io/v1/MutatingWebhookConfiguration": admissionregistration_mutatingwebhookconfiguration.Strategy,
	"admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration":    admissionregistration_validatingwebhookconfiguration.Strategy,
	"certificates.k8s.io/v1/CertificateSigningRequest":                  certificates_certificates.Strategy,
	"certificates.k8s.io/v1/CertificateSigningRequest/status":           certificates_certificates.StatusStrategy,
	"certificates.k8s.io/v1/CertificateSigningRequest/approval":         certificates_certificates.ApprovalStrategy,
	"node.k8s.io/v1/RuntimeClass":                                       node_runtimeclass.Strategy,
	"flowcontrol.apiserver.k8s.io/v1/FlowSchema":                        flowcontrol_flowschema.Strategy,
	"flowcontrol.apiserver.k8s.io/v1/FlowSchema/status":                 flowcontrol_flowschema.StatusStrategy,
	"flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration":        flowcontrol_prioritylevelconfiguration.Strategy,
	"flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration/status": flowcontrol_prioritylevelconfiguration.StatusStrategy,
	"admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy":         admissionregistration_validatingadmissionpolicy.NewStrategy(nil, nil),
	"admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding":  admissionregistration_validatingadmissionpolicybinding.NewStrategy(nil, nil, nil),
	"admissionregistration.k8s.io/v1/MutatingAdmissionPolicy":           admissionregistration_mutatingadmissionpolicy.NewStrategy(nil, nil),
	"admissionregistration.k8s.io/v1/MutatingAdmissionPolicyBinding":    admissionregistration_mutatingadmissionpolicybinding.NewStrategy(nil, nil, nil),
	"admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy/status":  admissionregistration_validatingadmissionpolicy.NewStatusStrategy(admissionregistration_validatingadmissionpolicy.NewStrategy(nil, nil)),
	"apiregistration.k8s.io/v1/APIService":                              aggregation_apiservice.NewStrategy(scheme()),
	"apiregistration.k8s.io/v1/APIService/status":                       aggregation_apiservice.NewStatusStrategy(scheme()),
}

// scheme has the kind of the aggregator too, whose server has a scheme of its own.
func scheme() runtime.ObjectTyper {
	if !legacyscheme.Scheme.IsGroupRegistered("apiregistration.k8s.io") {
		aggregation.Install(legacyscheme.Scheme)
	}
	return legacyscheme.Scheme
}
