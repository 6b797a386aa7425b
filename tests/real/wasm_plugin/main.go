package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

//go:wasmimport extism:host/env input_length
func inputLength() uint64

//go:wasmimport extism:host/env input_load_u8
func inputByte(at uint64) uint32

//go:wasmimport extism:host/env alloc
func alloc(size uint64) uint64

//go:wasmimport extism:host/env store_u8
func store(at uint64, value uint32)

//go:wasmimport extism:host/env output_set
func outputSet(at, size uint64)

//go:wasmimport extism:host/env error_set
func errorSet(at uint64)

//go:wasmimport extism:host/env config_get
func configGet(at uint64) uint64

//go:wasmimport extism:host/env length
func length(at uint64) uint64

//go:wasmimport extism:host/env load_u8
func load(at uint64) uint32

//go:wasmimport extism:host/env http_request
func httpRequest(request, body uint64) uint64

//go:wasmimport extism:host/env http_status_code
func httpStatus() int32

func put(data []byte) (uint64, uint64) {
	at := alloc(uint64(len(data)))
	for i, b := range data {
		store(at+uint64(i), uint32(b))
	}
	return at, uint64(len(data))
}

func get(at uint64) string {
	out := make([]byte, length(at))
	for i := range out {
		out[i] = byte(load(at + uint64(i)))
	}
	return string(out)
}

func input() []byte {
	out := make([]byte, inputLength())
	for i := range out {
		out[i] = byte(inputByte(uint64(i)))
	}
	return out
}

//go:wasmexport helm_plugin_main
func run() uint32 {
	in := input()
	var message map[string]any
	json.Unmarshal(in, &message)
	if args, ok := message["extraArgs"]; ok && message["manifests"] == nil {
		fmt.Println("cli", args)
		fmt.Fprintln(os.Stderr, "to stderr")
		return answer(map[string]any{})
	}
	if text, ok := message["manifests"]; ok {
		s, _ := text.(string)
		return answer(map[string]any{"manifests": strings.ReplaceAll(s, "ONE", "wasm")})
	}
	href := message["href"].(string)
	switch {
	case strings.Contains(href, "loop"):
		for i := 0; ; i++ {
			if i < 0 {
				break
			}
		}
	case strings.Contains(href, "fail"):
		at, _ := put([]byte("no such thing"))
		errorSet(at)
		return 1
	case strings.Contains(href, "garbage"):
		at, n := put([]byte("{nope"))
		outputSet(at, n)
		return 0
	case strings.Contains(href, "base64"):
		return answer(map[string]any{"data": "***"})
	case strings.Contains(href, "number"):
		return answer(map[string]any{"data": 1})
	case strings.Contains(href, "list"):
		return answer([]any{})
	case strings.Contains(href, "memory"):
		hold = make([]byte, 64<<20)
		for i := range hold {
			hold[i] = 1
		}
	case strings.Contains(href, "panic"):
		panic("at the disco")
	case strings.Contains(href, "exit"):
		os.Exit(3)
	case strings.Contains(href, "file"):
		e := os.WriteFile("/tmp/x", []byte("hello"), 0o600)
		d, e2 := os.ReadFile("/tmp/x")
		_, e3 := os.ReadFile("/etc/passwd")
		return data(fmt.Sprintf("{a: %q, b: %q, c: %q, d: %q}", fmt.Sprint(e), d, fmt.Sprint(e2), fmt.Sprint(e3)))
	case strings.Contains(href, "config"):
		at, _ := put([]byte("key"))
		return data(fmt.Sprintf("{a: %q, env: %q}", get(configGet(at)), os.Getenv("HELM_NAMESPACE")))
	case strings.Contains(href, "http"):
		at, _ := put([]byte(fmt.Sprintf(`{"url": %q}`, href[strings.Index(href, "=")+1:])))
		body := httpRequest(at, 0)
		text := ""
		if body != 0 {
			text = get(body)
		}
		return data(fmt.Sprintf("{status: %d, body: %q}", httpStatus(), text))
	}
	return data(fmt.Sprintf("said: %q", in))
}

var hold []byte

func data(text string) uint32 {
	return answer(map[string]any{"data": base64.StdEncoding.EncodeToString([]byte(text))})
}

func answer(message any) uint32 {
	out, _ := json.Marshal(message)
	at, n := put(out)
	outputSet(at, n)
	return 0
}

func main() {}
