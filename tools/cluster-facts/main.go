// Command cluster-facts prints what Go's types of the API say beside the published definitions.
//
// The output is JSON: `types` by package and name (what tools/cluster-types calls a key), each with the fields' options
// and types or, for other than structs, what it is made of; `schemas` as OpenAPI 3 publishes them, with defaults.
// It is run by tools/cluster-types in a module that has k8s.io/kubernetes of the version to describe.
package main

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apiserver"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/version"
	aggregator "k8s.io/kube-aggregator/pkg/apiserver/scheme"
	"k8s.io/kube-openapi/pkg/util"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/controlplane"
	"k8s.io/kubernetes/pkg/generated/openapi"
)

type field struct {
	Name    string   `json:"name"`
	Type    any      `json:"type"`
	Options []string `json:"options,omitempty"`
}

// named is a type with a name: a struct with fields, or another type under a name of its own.
type named struct {
	Package string  `json:"package"`
	Name    string  `json:"name"`
	Model   string  `json:"model"`
	Fields  []field `json:"fields,omitempty"`
	Type    any     `json:"type,omitempty"`
}

var found = map[string]*named{}

// model is the name under which a type is published.
func model(t reflect.Type) string {
	if m, ok := reflect.New(t).Interface().(interface{ OpenAPIModelName() string }); ok {
		return m.OpenAPIModelName()
	}
	return util.ToRESTFriendlyName(t.PkgPath() + "." + t.Name())
}

func key(t reflect.Type) string { return t.PkgPath() + "." + t.Name() }

// shape is the key of a type with a name, or what a type without one is made of: ["*", T], ["[", T], ["{", K, T].
func shape(t reflect.Type) any {
	if t.Name() != "" && t.PkgPath() != "" {
		visit(t)
		return key(t)
	}
	return unnamed(t)
}

func unnamed(t reflect.Type) any {
	switch t.Kind() {
	case reflect.Pointer:
		return []any{"*", shape(t.Elem())}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "[]byte"
		}
		return []any{"[", shape(t.Elem())}
	case reflect.Map:
		return []any{"{", shape(t.Key()), shape(t.Elem())}
	}
	return t.Kind().String()
}

func visit(t reflect.Type) {
	if found[key(t)] != nil {
		return
	}
	n := &named{Package: t.PkgPath(), Name: t.Name(), Model: model(t)}
	found[key(t)] = n
	if t.Kind() == reflect.Struct {
		n.Fields = fields(t)
	} else {
		n.Type = unnamed(t)
	}
}

// fields are those of a struct as JSON has them: what is embedded without a name stands among them.
func fields(t reflect.Type) []field {
	all := []field{}
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		parts := strings.Split(f.Tag.Get("json"), ",")
		options := parts[1:]
		if parts[0] == "-" {
			continue
		}
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if f.Anonymous && parts[0] == "" && inner.Kind() == reflect.Struct {
			all = append(all, fields(inner)...)
			continue
		}
		name := parts[0]
		if name == "" {
			name = f.Name
		}
		all = append(all, field{Name: name, Type: shape(f.Type), Options: options})
	}
	return all
}

func main() {
	for _, s := range []*runtime.Scheme{legacyscheme.Scheme, apiextensions.Scheme, aggregator.Scheme} {
		for gvk, t := range s.AllKnownTypes() {
			if gvk.Version != runtime.APIVersionInternal {
				visit(t)
			}
		}
	}
	for _, known := range []any{metav1.Patch{}, version.Info{}} {
		visit(reflect.TypeOf(known))
	}
	schemas := map[string]spec.Schema{}
	ref := func(path string) spec.Ref { return spec.MustCreateRef("#/components/schemas/" + path) }
	for name, definition := range openapi.GetOpenAPIDefinitions(ref) {
		schemas[name] = definition.Schema
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{"types": found, "schemas": schemas})
}
