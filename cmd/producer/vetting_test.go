package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

// TestPublishWaits follows what it publishes to the end, and not what others
// do; twice, although the second time all of it was there already.
func TestPublishWaits(t *testing.T) {
	w := newWorld(t)
	_, cfg := w.registry()
	require.Zero(t, w.run(`{"id":"other","providers":[{"role":"billing","npi":"1770626038"}]}`, "publish", "-").code)
	file := w.file("in.ndjson", claims[:strings.LastIndex(claims, "\n")]+"\n"+aRoster)
	first := w.begin(t.Context(), nil, "publish", file, "--wait")
	require.Eventually(t, func() bool { return w.stream("NPI_RECORDS").Msgs == 5 }, 10*time.Second, 5*time.Millisecond)
	w.vet(cfg, 5)
	r := w.ends(first)
	require.Zero(t, r.code, r.err)
	assert.Contains(t, r.out, "published 4, of them 0 already there")
	assert.Contains(t, r.out, "gone\tflagged\trendering")
	assert.NotContains(t, r.out, "other")
	assert.Contains(t, r.out, "4 records: 1 rejected, ")

	out := filepath.Join(t.TempDir(), "report.ndjson")
	again := w.run("", "publish", file, "--out", out, "--json", "--fail-on", "rejected")
	assert.Equal(t, 1, again.code, "something is rejected")
	var sum tally
	require.NoError(t, json.Unmarshal([]byte(again.out), &sum))
	assert.Equal(t, 4, sum.Already)
	assert.Equal(t, 4, sum.Results.Records)
	assert.Equal(t, 1, sum.Results.Verdicts[record.Rejected])
	text, err := os.ReadFile(out)
	require.NoError(t, err)
	var ids []string
	for line := range strings.Lines(string(text)) {
		var row struct {
			Record string `json:"record"`
			Where  string `json:"where"`
		}
		require.NoError(t, json.Unmarshal([]byte(line), &row))
		ids = append(ids, row.Where+" "+row.Record)
	}
	assert.Equal(t, []string{"line 1 good", "line 1 good", "line 2 gone", "line 2 gone", "line 3 typo", "line 4 r1"}, ids, "in the order of the file")
}

// A file published whole has a result for each record in it.
func TestPublishWaitsForEveryPart(t *testing.T) {
	w := newWorld(t)
	_, cfg := w.registry()
	var rows strings.Builder
	rows.WriteString("NPI,Last Name\n")
	for range 7 {
		rows.WriteString("1851713903,DANWING\n")
	}
	done := w.begin(t.Context(), nil, "publish", w.file("r.csv", rows.String()), "--raw", "--wait")
	w.vet(cfg, 7)
	r := w.ends(done)
	require.Zero(t, r.code, r.err)
	assert.Contains(t, r.out, "published 1,")
	assert.Contains(t, r.out, "7 records: 7 ")
}

func TestPublishWaitsInVain(t *testing.T) {
	w := newWorld(t)
	out := filepath.Join(t.TempDir(), "report.csv")
	r := w.run(aClaim, "publish", "-", "--timeout", "300ms", "--out", out)
	assert.Equal(t, 1, r.code)
	assert.Contains(t, r.err, "wait for the results of 1 messages: no result came for 300ms")
	assert.FileExists(t, out, "what came is reported all the same")
}

// TestPublishThroughARestartWaits loses the server while it waits.
func TestPublishWaitsThroughARestart(t *testing.T) {
	w := newWorld(t)
	_, cfg := w.registry()
	var in strings.Builder
	for i := range 300 {
		fmt.Fprintf(&in, `{"id":"c%d","providers":[{"role":"billing","npi":"1770626038"}]}`+"\n", i)
	}
	done := w.begin(t.Context(), strings.NewReader(in.String()), "publish", "-", "--wait", "--json")
	require.Eventually(t, func() bool { return w.stream("NPI_RECORDS").Msgs == 300 }, 10*time.Second, 5*time.Millisecond)
	w.stop()
	w.restart()
	require.Eventually(t, w.nc.IsConnected, 10*time.Second, time.Millisecond)
	w.vet(cfg, 300)
	r := w.ends(done)
	require.Zero(t, r.code, r.err)
	var sum tally
	require.NoError(t, json.Unmarshal([]byte(r.out), &sum))
	assert.Equal(t, 300, sum.Results.Records)
}

// Nothing of a patient is stored by publishing, in any stream, whatever the
// file; nor printed.
func TestPublishKeepsPatientsOut(t *testing.T) {
	w := newWorld(t)
	_, cfg := w.registry()
	var secrets []string
	args := []string{"publish", w.file("c.ndjson", claims)}
	for _, file := range patients {
		args = append(args, file.path)
		secrets = append(secrets, file.secrets...)
	}
	r := w.run("", args...)
	assert.Equal(t, 1, r.code)
	n := int(w.stream("NPI_RECORDS").Msgs)
	require.Greater(t, n, 8)
	w.vet(cfg, n)
	all := r.out + r.err
	for name := range w.js.StreamNames(t.Context()).Name() {
		if w.stream(name).Msgs == 0 {
			continue
		}
		for _, m := range w.messages(name) {
			all += m.Subject + fmt.Sprint(m.Header) + string(m.Data)
		}
	}
	for _, secret := range append(secrets, "SECRETDOE") {
		assert.NotContains(t, all, secret)
	}
	assert.Zero(t, w.stream("NPI_DEAD").Msgs, "what is published can be read")
}
