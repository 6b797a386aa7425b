// How Kubernetes' internal types look as JSON, one struct a line:
// name, then a field each "jsonName|flags|type|source": flags o (omitempty) z (omitzero), source the field's name in the
// published API ("" when they are the same, "-" when it has none,
// "^x" field x of the struct around it, "a/b" field b of a).
package main

import (
	"fmt"
	"reflect"
	"sort"
	"strings"

	admregv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	certv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	flowv1 "k8s.io/api/flowcontrol/v1"
	networkingv1 "k8s.io/api/networking/v1"
	nodev1 "k8s.io/api/node/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/kubernetes/pkg/apis/admissionregistration"
	"k8s.io/kubernetes/pkg/apis/apps"
	"k8s.io/kubernetes/pkg/apis/autoscaling"
	"k8s.io/kubernetes/pkg/apis/batch"
	"k8s.io/kubernetes/pkg/apis/certificates"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/flowcontrol"
	"k8s.io/kubernetes/pkg/apis/networking"
	"k8s.io/kubernetes/pkg/apis/node"
	"k8s.io/kubernetes/pkg/apis/policy"
	"k8s.io/kubernetes/pkg/apis/rbac"
	"k8s.io/kubernetes/pkg/apis/storage"
)

var rows = map[string]string{}

var plain = map[string]string{
	"resource.Quantity": "quantity", "v1.Time": "time", "v1.MicroTime": "time", "intstr.IntOrString": "intstr",
	"v1.FieldsV1": "any", "runtime.RawExtension": "any", "v1.Duration": "string",
}

func short(t reflect.Type) string {
	p := strings.Split(t.PkgPath(), "/")
	last := p[len(p)-1]
	if last == "v1" {
		last = "v1"
	}
	return last + "." + t.Name()
}

func expr(t, v reflect.Type) string {
	if t.Kind() == reflect.Struct {
		if s, ok := plain[short(t)]; ok {
			return s
		}
	}
	deref := func(x reflect.Type) reflect.Type {
		for x != nil && x.Kind() == reflect.Pointer {
			x = x.Elem()
		}
		return x
	}
	v = deref(v)
	switch t.Kind() {
	case reflect.Pointer:
		return "*" + expr(t.Elem(), v)
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}
		var ve reflect.Type
		if v != nil && v.Kind() == reflect.Slice {
			ve = v.Elem()
		}
		return "[]" + expr(t.Elem(), ve)
	case reflect.Map:
		var ve reflect.Type
		if v != nil && v.Kind() == reflect.Map {
			ve = v.Elem()
		}
		return "{}" + expr(t.Elem(), ve)
	case reflect.Struct:
		walk(t, v)
		return short(t)
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	case reflect.Interface:
		return "any"
	default:
		return "int"
	}
}

func tag(f reflect.StructField) (string, string, bool) {
	t, ok := f.Tag.Lookup("json")
	parts := strings.Split(t, ",")
	name, flags := parts[0], ""
	for _, p := range parts[1:] {
		if p == "omitempty" {
			flags += "o"
		}
		if p == "omitzero" {
			flags += "z"
		}
	}
	return name, flags, ok
}

func source(v reflect.Type, goName string) (string, reflect.Type, bool) {
	if v == nil || v.Kind() != reflect.Struct {
		return "", nil, false
	}
	for i := 0; i < v.NumField(); i++ {
		f := v.Field(i)
		name, _, _ := tag(f)
		if f.Anonymous && name == "" {
			if n, t, ok := source(f.Type, goName); ok {
				return n, t, true
			}
			continue
		}
		if f.Name == goName {
			return name, f.Type, true
		}
	}
	return "", nil, false
}

func fields(t, v reflect.Type, out *[]string) {
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		name, flags, _ := tag(f)
		if f.Anonymous && name == "" {
			if f.Type.Name() == "ObjectMeta" {
				embedded := []string{}
				fields(f.Type, f.Type, &embedded)
				for _, e := range embedded {
					p := strings.Split(e, "|")
					*out = append(*out, p[0]+"|"+p[1]+"|"+p[2]+"|metadata/"+p[0])
				}
				continue
			}
			fields(f.Type, v, out)
			continue
		}
		if name == "-" || !f.IsExported() {
			continue
		}
		if name == "" {
			name = f.Name
		}
		src, vt, ok := source(v, f.Name)
		if above, _, parent := source(reflect.TypeFor[corev1.PodSpec](), f.Name); !ok && parent && t.Name() == "PodSecurityContext" {
			src = "^" + above
		} else if !ok {
			src = "-"
		} else if src == name {
			src = ""
		}
		*out = append(*out, name+"|"+flags+"|"+expr(f.Type, vt)+"|"+src)
	}
}

func walk(t, v reflect.Type) {
	key := short(t)
	if v == nil {
		v = t
	}
	if _, ok := rows[key]; ok {
		return
	}
	rows[key] = ""
	out := []string{}
	fields(t, v, &out)
	rows[key] = strings.Join(out, " ")
}

func add[I, V any]() { walk(reflect.TypeFor[I](), reflect.TypeFor[V]()) }

func printTypes() {
	add[core.PodTemplateSpec, corev1.PodTemplateSpec]()
	add[core.PersistentVolumeClaim, corev1.PersistentVolumeClaim]()
	add[core.PersistentVolumeSpec, corev1.PersistentVolumeSpec]()
	add[core.PersistentVolumeSource, corev1.PersistentVolumeSource]()
	add[core.Event, corev1.Event]()
	add[core.Service, corev1.Service]()
	add[core.Node, corev1.Node]()
	add[core.Pod, corev1.Pod]()
	add[core.ResourceQuotaSpec, corev1.ResourceQuotaSpec]()
	add[core.Taint, corev1.Taint]()
	add[core.Endpoints, corev1.Endpoints]()
	add[apps.DeploymentStrategy, appsv1.DeploymentStrategy]()
	add[apps.DaemonSetUpdateStrategy, appsv1.DaemonSetUpdateStrategy]()
	add[apps.StatefulSetUpdateStrategy, appsv1.StatefulSetUpdateStrategy]()
	add[batch.JobSpec, batchv1.JobSpec]()
	add[batch.JobStatus, batchv1.JobStatus]()
	add[policy.PodDisruptionBudgetSpec, policyv1.PodDisruptionBudgetSpec]()
	add[rbac.RoleRef, rbacv1.RoleRef]()
	add[networking.IPAddressSpec, networkingv1.IPAddressSpec]()
	add[networking.IngressSpec, networkingv1.IngressSpec]()
	add[networking.ServiceCIDRSpec, networkingv1.ServiceCIDRSpec]()
	add[storage.CSINodeSpec, storagev1.CSINodeSpec]()
	add[storage.VolumeAttachmentSpec, storagev1.VolumeAttachmentSpec]()
	add[autoscaling.HorizontalPodAutoscalerSpec, autoscalingv2.HorizontalPodAutoscalerSpec]()
	add[certificates.CertificateSigningRequestSpec, certv1.CertificateSigningRequestSpec]()
	add[flowcontrol.FlowSchemaSpec, flowv1.FlowSchemaSpec]()
	add[flowcontrol.PriorityLevelConfigurationSpec, flowv1.PriorityLevelConfigurationSpec]()
	add[node.RuntimeClass, nodev1.RuntimeClass]()
	add[admissionregistration.ValidatingWebhook, admregv1.ValidatingWebhook]()
	names := []string{}
	for k := range rows {
		names = append(names, k)
	}
	sort.Strings(names)
	for _, k := range names {
		fmt.Println(k, rows[k])
	}
}
