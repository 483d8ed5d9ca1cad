package providerjson

import (
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
)

func decode(t testing.TB, text []byte) (d map[string]any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(text, &d))
	return d
}

func encode(t testing.TB, d any) []byte {
	t.Helper()
	text, err := json.Marshal(d, json.Deterministic(true))
	require.NoError(t, err)
	return text
}

// edited puts the JSON value at a path such as addresses.0.city; a value of ""
// deletes it.
func edited(t testing.TB, d map[string]any, path, value string) {
	t.Helper()
	parts := strings.Split(path, ".")
	var at any = d
	for _, p := range parts[:len(parts)-1] {
		switch v := at.(type) {
		case map[string]any:
			if v[p] == nil {
				v[p] = map[string]any{}
			}
			at = v[p]
		case []any:
			i, err := strconv.Atoi(p)
			require.NoError(t, err)
			at = v[i]
		}
	}
	last := parts[len(parts)-1]
	if value == "" {
		delete(at.(map[string]any), last)
		return
	}
	var v any
	require.NoError(t, json.Unmarshal([]byte(value), &v), path)
	if l, ok := at.([]any); ok {
		i, err := strconv.Atoi(last)
		require.NoError(t, err)
		l[i] = v
		return
	}
	at.(map[string]any)[last] = v
}
