package main

import (
	"bytes"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

// The demonstration shows every verdict, every flag and every tier, loses
// nothing, and ends by itself.
func TestDemoOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for an outage to end, and for a budget to be spent")
	}
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, runDemo(t.Context(), make(chan struct{}), &out, true))
	shown := map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^(\w[\w ]*?)  +(\S.*?)  +(\d+)$`).FindAllStringSubmatch(out.String(), -1) {
		n, err := strconv.Atoi(m[3])
		require.NoError(t, err)
		shown[m[1]+" "+m[2]] = n
	}
	for _, v := range record.Verdicts {
		assert.Positive(t, shown["verdict "+string(v)], "verdict %s", v)
	}
	for _, f := range record.FlagCodes {
		assert.Positive(t, shown["flag "+string(f)], "flag %s", f)
	}
	for _, tier := range tiers {
		assert.Positive(t, shown["lookups answered by "+tier], "tier %s", tier)
	}
	assert.Zero(t, shown["records without exactly one result"])
	assert.Contains(t, out.String(), "deactivated stale_evidence", "what only an old list knows")
	assert.NotContains(t, out.String(), "W000000001", "the patient stays in the input")
}
