package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/mirror"
	"github.com/npiflow/npiflow/internal/record"
)

// load publishes records of every sort and gives their number.
func (w *world) load(recorded *mirror.Recorded) int {
	w.t.Helper()
	var b strings.Builder
	n := 0
	for i, npi := range recorded.Individuals()[:8] {
		fmt.Fprintf(&b, `{"id":"c%d","providers":[{"role":"rendering","npi":"%s"},{"role":"billing","npi":"%s"}]}`+"\n", i, npi, recorded.Organizations()[i%2])
		fmt.Fprintf(&b, `{"id":"r%d","npi":"%s","enumeration_type":"NPI-1","first_name":"NOBODY","last_name":"ELSE"}`+"\n", i, npi)
		n += 2
	}
	fmt.Fprintf(&b, `{"id":"gone","providers":[{"role":"rendering","npi":"%s"}]}`+"\n", recorded.Deactivated()[0])
	b.WriteString(`{"id":"bad","providers":[{"role":"billing","npi":"1234567890"}]}` + "\n")
	r := w.run(b.String(), "publish", "-")
	require.Zero(w.t, r.code, r.err)
	r = w.run("no record at all\n", "publish", "-", "--kind", "claim", "--force")
	require.Zero(w.t, r.code, r.err)
	_, err := w.js.Publish(w.t.Context(), "npi.records.bill", []byte("{}"))
	require.NoError(w.t, err)
	return n + 4
}

// verdicts are what the results of streams say, by input sequence, without
// what may differ between two judgements of the same: when they were made.
func (w *world) verdicts(streams ...string) map[uint64]string {
	w.t.Helper()
	all := map[uint64]string{}
	for _, s := range streams {
		for _, m := range w.messages(s) {
			var r record.Result
			require.NoError(w.t, json.Unmarshal(m.Data, &r))
			seq := r.Source.Sequence
			require.NotContains(w.t, all, seq, "one record, one result")
			require.Equal(w.t, fmt.Sprintf("%d/1/1", seq), m.Header.Get("Npi-Source"))
			require.Equal(w.t, r.ID, m.Header.Get("Npi-Record-Id"))
			require.True(w.t, strings.HasSuffix(m.Subject, "."+string(r.Kind)+"."+string(r.Verdict)), m.Subject)
			r.CheckedAt = time.Time{}
			if r.Dead != nil {
				r.Dead.Subject = ""
			}
			for i := range r.Providers {
				// The job is planned in the live run alone, and with it the
				// flag that says why there is none.
				r.Providers[i].Flags = without(r.Providers[i].Flags, record.FlagIncomplete)
			}
			all[seq] = string(r.AppendJSON(nil))
		}
	}
	return all
}

func without(flags []record.Flag, code record.FlagCode) (rest []record.Flag) {
	for _, f := range flags {
		if f.Code != code {
			rest = append(rest, f)
		}
	}
	return rest
}

func TestReplayJudgesAsTheLiveRunDid(t *testing.T) {
	w := newWorld(t)
	recorded, file := w.registry()
	n := w.load(recorded)
	w.vet(file, n)
	live := w.verdicts("NPI_RESULTS_CLAIM", "NPI_RESULTS_ROSTER", "NPI_RESULTS_OTHER")
	jobs, dead, claims := w.stream("NPI_WRITEBACK").LastSeq, w.stream("NPI_DEAD").LastSeq, w.stream("NPI_RESULTS_CLAIM").LastSeq

	r := w.run("", "replay", "--config", file, "--run", "one", "--json")
	require.Zero(t, r.code, r.err)
	var sum struct {
		Run      string         `json:"run"`
		Records  int            `json:"records"`
		Verdicts map[string]int `json:"verdicts"`
	}
	require.NoError(t, json.Unmarshal([]byte(r.out), &sum))
	assert.Equal(t, "one", sum.Run)
	assert.Equal(t, n, sum.Records)
	assert.Equal(t, 2, sum.Verdicts["dead"], "no record at all, and none of a known kind")
	assert.Equal(t, 1, sum.Verdicts["rejected"])

	assert.Equal(t, live, w.verdicts("NPI_AUDIT"))
	assert.Equal(t, jobs, w.stream("NPI_WRITEBACK").LastSeq, "a replay plans no jobs")
	assert.Equal(t, dead, w.stream("NPI_DEAD").LastSeq, "and writes no dead letters")
	assert.Equal(t, claims, w.stream("NPI_RESULTS_CLAIM").LastSeq, "and leaves the ledger alone")

	again := w.run("", "replay", "--config", file, "--run", "one")
	require.Zero(t, again.code, again.err)
	assert.Contains(t, again.out, "run one: 0 records judged again")
	assert.Contains(t, again.out, fmt.Sprintf("going on after message %d", n))
	assert.Equal(t, n, int(w.stream("NPI_AUDIT").Msgs), "the same run again adds nothing")
}

func TestReplayRanges(t *testing.T) {
	w := newWorld(t)
	recorded, file := w.registry()
	n := w.load(recorded)
	for i, test := range []struct {
		args []string
		want int
	}{
		{[]string{"--from", "3", "--to", "5"}, 3},
		{[]string{"--from", "1000"}, 0},
		{[]string{"--to", "1000"}, n},
		{[]string{"--kind", "roster"}, 8},
		{[]string{"--kind", "other"}, 1},
		{[]string{"--kind", "roster", "--from", "2", "--to", "3"}, 1},
		{[]string{"--since", "1h"}, n},
		{[]string{"--until", "1h"}, 0},
		{[]string{"--since", time.Now().Add(time.Hour).Format(time.RFC3339)}, 0},
	} {
		run := fmt.Sprint("run-", i)
		r := w.run("", append([]string{"replay", "--config", file, "--run", run}, test.args...)...)
		require.Zero(t, r.code, r.err)
		assert.Contains(t, r.out, fmt.Sprintf("run %s: %d records judged again", run, test.want), "%v", test.args)
	}
}

// TestReplayIsResumed interrupts a run while the registry makes it wait, takes
// the server away, and gives the same again.
func TestReplayIsResumed(t *testing.T) {
	w := newWorld(t)
	recorded, file := w.registry()
	n := w.load(recorded)
	recorded.SetMoodOf(recorded.Individuals()[4], mirror.Mood{Fault: mirror.Hang})
	ctx, interrupt := context.WithCancel(t.Context())
	done := w.begin(ctx, nil, "replay", "--config", file, "--run", "two")
	require.Eventually(t, func() bool { return w.stream("NPI_AUDIT").Msgs == 8 }, 20*time.Second, 5*time.Millisecond)
	interrupt()
	r := w.ends(done)
	assert.Equal(t, 1, r.code)
	assert.Contains(t, r.out, "run two: 8 records judged again")
	assert.Contains(t, r.err, "interrupted; to go on, give the same again with --run two")

	// The next one loses the server while it waits for the registry.
	done = w.begin(t.Context(), nil, "replay", "--config", file, "--run", "two")
	asked := recorded.Requests()
	require.Eventually(t, func() bool { return recorded.Requests() > asked }, 10*time.Second, time.Millisecond)
	w.stop()
	w.restart()
	recorded.SetMoodOf(recorded.Individuals()[4], mirror.Mood{})
	r = w.ends(done)
	require.Zero(t, r.code, r.err)
	assert.Contains(t, r.out, fmt.Sprintf("run two: %d records judged again", n-8))
	assert.Contains(t, r.out, "going on after message 8")
	require.Eventually(t, w.nc.IsConnected, 10*time.Second, time.Millisecond)
	assert.Len(t, w.verdicts("NPI_AUDIT"), n)
}

// TestReplaysAtTheSameTime refuse each other and get through all the same.
func TestReplaysAtTheSameTime(t *testing.T) {
	w := newWorld(t)
	recorded, file := w.registry()
	n := w.load(recorded)
	a := w.begin(t.Context(), nil, "replay", "--config", file, "--run", "a")
	b := w.begin(t.Context(), nil, "replay", "--config", file, "--run", "b")
	for _, r := range []ran{w.ends(a), w.ends(b)} {
		require.Zero(t, r.code, r.err)
		assert.Contains(t, r.out, fmt.Sprintf(": %d records judged again", n))
	}
	assert.Len(t, w.messages("NPI_AUDIT"), 2*n)
}
