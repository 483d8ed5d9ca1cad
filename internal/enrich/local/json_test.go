package local

import "github.com/go-json-experiment/json"

func marshal(v any) ([]byte, error)      { return json.Marshal(v, json.Deterministic(true)) }
func unmarshal(b []byte, into any) error { return json.Unmarshal(b, into) }
