// Asks the API server's own code what is wrong with an object: decoded, defaulted, prepared by its kind's strategy and
// checked. Reads questions as JSON lines ({"object", "old", "subresource"}) and writes answers: the prepared objects and,
// for one that is refused, the Status. With the argument "types" it prints src/navarch/cluster/validation/internal.txt.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apiserver/pkg/authentication/user"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/capabilities"
	_ "k8s.io/kubernetes/pkg/controlplane"
	"strings"
)

func init() { capabilities.Setup(true, 0) }

type request struct {
	Object      json.RawMessage `json:"object"`
	Old         json.RawMessage `json:"old"`
	Subresource string          `json:"subresource"`
}

type answer struct {
	Error  string          `json:"error,omitempty"`
	Object json.RawMessage `json:"object,omitempty"`
	Old    json.RawMessage `json:"old,omitempty"`
	Status *metav1.Status  `json:"status,omitempty"`
}

func decode(raw []byte) (runtime.Object, schema.GroupVersionKind, error) {
	obj, gvk, err := legacyscheme.Codecs.UniversalDeserializer().Decode(raw, nil, nil)
	if err != nil {
		return nil, schema.GroupVersionKind{}, err
	}
	legacyscheme.Scheme.Default(obj)
	in, err := legacyscheme.Scheme.ConvertToVersion(obj, schema.GroupVersion{Group: gvk.Group, Version: runtime.APIVersionInternal})
	return in, *gvk, err
}

func encode(obj runtime.Object, gvk schema.GroupVersionKind) json.RawMessage {
	out, err := legacyscheme.Scheme.ConvertToVersion(obj, gvk.GroupVersion())
	if err != nil {
		return json.RawMessage(fmt.Sprintf("%q", err.Error()))
	}
	out.GetObjectKind().SetGroupVersionKind(gvk)
	b, err := json.Marshal(out)
	if err != nil {
		return json.RawMessage(fmt.Sprintf("%q", err.Error()))
	}
	return b
}

func handle(line []byte) (a answer) {
	defer func() {
		if r := recover(); r != nil {
			a.Error = fmt.Sprint("panic: ", r)
		}
	}()
	var q request
	if err := json.Unmarshal(line, &q); err != nil {
		return answer{Error: err.Error()}
	}
	obj, gvk, err := decode(q.Object)
	if err != nil {
		return answer{Error: err.Error()}
	}
	key := gvk.GroupVersion().String() + "/" + gvk.Kind
	if q.Subresource != "" {
		key += "/" + q.Subresource
	}
	strategy, ok := strategies[key]
	if !ok {
		return answer{Error: "no strategy for " + key}
	}
	om, err := meta.Accessor(obj)
	if err != nil {
		return answer{Error: err.Error()}
	}
	ctx := context.Background()
	namespaced := strategy.(rest.NamespaceScopedStrategy).NamespaceScoped()
	if namespaced {
		ctx = genericapirequest.WithNamespace(ctx, om.GetNamespace())
	} else {
		ctx = genericapirequest.WithNamespace(ctx, "")
	}
	ctx = genericapirequest.WithUser(ctx, &user.DefaultInfo{Name: "admin", Groups: []string{"system:masters"}})
	info := &genericapirequest.RequestInfo{IsResourceRequest: true, APIGroup: gvk.Group, APIVersion: gvk.Version, Subresource: q.Subresource, Resource: strings.ToLower(gvk.Kind) + "s", Verb: "create"}
	ctx = genericapirequest.WithRequestInfo(ctx, info)
	if len(q.Old) == 0 {
		om.SetUID(types.UID("11111111-1111-1111-1111-111111111111"))
		om.SetCreationTimestamp(metav1.NewTime(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
		if om.GetGenerateName() != "" && om.GetName() == "" {
			om.SetName(om.GetGenerateName() + "abcde")
		}
		err = rest.BeforeCreate(strategy.(rest.RESTCreateStrategy), ctx, obj)
	} else {
		info.Verb = "update"
		old, _, derr := decode(q.Old)
		if derr != nil {
			return answer{Error: derr.Error()}
		}
		a.Old = encode(old, gvk)
		err = rest.BeforeUpdate(strategy.(rest.RESTUpdateStrategy), ctx, obj, old)
	}
	a.Object = encode(obj, gvk)
	if err != nil {
		if s, ok := err.(apierrors.APIStatus); ok {
			st := s.Status()
			a.Status = &st
		} else {
			a.Error = err.Error()
		}
	}
	return a
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "types" {
		printTypes()
		return
	}
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	enc := json.NewEncoder(out)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 1 {
			enc.Encode(handle(line))
			out.Flush()
		}
		if err != nil {
			return
		}
	}
}
