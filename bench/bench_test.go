package main

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/broker"
	"github.com/npiflow/npiflow/internal/checksum"
	"github.com/npiflow/npiflow/internal/mirror"
	"github.com/npiflow/npiflow/internal/record"
)

// The bench starts itself again for its roles; in tests that is this binary.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && roles[os.Args[1]] != nil {
		exit(play(os.Args[1], os.Args[2:]))
	}
	os.Exit(m.Run())
}

// What is measured is also proved: that is in the contenders' checks.
func TestRunsAndCleansUp(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the worker")
	}
	t.Setenv("TMPDIR", t.TempDir())
	ctx, stop := context.WithTimeout(t.Context(), 100*time.Second)
	defer stop()
	b := &bench{n: 1000, rounds: 1, seed: 1, distinct: 1000, rows: 12_000, latency: time.Millisecond}
	parts := []string{"relay", "distinct", "local", "batches"}
	if _, err := exec.LookPath("unzip"); err == nil { // the measure of that part
		parts = append(parts, "registry")
	}
	r, err := b.run(ctx, parts)
	require.NoError(t, err)
	require.Len(t, r.Relay.Rows, 2)
	assert.Equal(t, map[string]int{"clean": 1000}, r.Relay.Verdicts)
	for _, row := range r.Relay.Rows {
		require.Len(t, row.Turns, 1)
		assert.Positive(t, row.Turns[0].Rate)
	}
	assert.Equal(t, tally{974, 974, 1}, r.Distinct.Asked.Present)
	assert.Equal(t, tally{26, 52, 2}, r.Distinct.Asked.Absent)

	require.Len(t, r.Local.Rows, 2)
	require.Len(t, r.Batches.Rows, 2)
	assert.Equal(t, map[string]int{"clean": 1000}, r.Batches.Verdicts)
	if r.Registry != nil {
		assert.Positive(t, r.Registry.Rate)
		assert.Positive(t, r.Registry.Ratio)
		assert.Positive(t, r.Registry.Peak)
		assert.Less(t, r.Registry.PerNPI, 500) // of few providers the folder itself is the most
	}

	var table, object bytes.Buffer
	require.NoError(t, r.print(&table, false))
	require.NoError(t, r.print(&object, true))
	assert.Contains(t, table.String(), "usual relay")
	assert.Contains(t, object.String(), `"results_per_second"`)
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	require.NoError(t, err)
	for _, file := range left {
		assert.NotContains(t, file.Name(), "npiflow-bench")
	}
}

func TestFormsStoreEverythingOnce(t *testing.T) {
	const n = 2500
	srv, err := broker.Embed(t.TempDir(), "127.0.0.1:0", false)
	require.NoError(t, err)
	defer srv.Close()
	nc, err := broker.Connect(broker.Access{URL: srv.URL(), Name: "test"})
	require.NoError(t, err)
	defer nc.Close()
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	for i, f := range forms {
		c := (&bench{}).publishing(&site{js: js}, f.name, i, n)
		require.NoError(t, c.reset(t.Context()), f.name)
		require.NoError(t, f.run(nc, n), f.name)
		assert.NoError(t, c.check(t.Context()), f.name)
	}
}

func TestClaimsAreWhatTheyClaimToBe(t *testing.T) {
	const n = 20_000
	one, again, other := zipf(n, 1), zipf(n, 1), zipf(n, 2)
	asked := map[record.NPI]int{}
	bytes, differ := 0, false
	for i := range n {
		doc := one(i)
		require.Equal(t, doc, again(i), "the same seed gives the same claims")
		differ = differ || string(doc) != string(other(i))
		bytes += len(doc)
		r, err := record.Decode(record.KindClaim, doc)
		require.NoError(t, err)
		require.Len(t, r.Mentions, 2)
		c := checksum.Check(r)
		require.Equal(t, []record.Mark{record.Sound, record.Sound}, c.Marks)
		asked[c.NPIs[0]]++
		asked[c.NPIs[1]]++
		assert.Equal(t, mirror.SyntheticName(c.NPIs[0]).Organization, r.Mentions[0].OrganizationName)
		assert.Equal(t, mirror.SyntheticName(c.NPIs[1]).Last, r.Mentions[1].LastName)
	}
	assert.True(t, differ)
	assert.InDelta(t, 500, bytes/n, 50)
	assert.Greater(t, len(asked), 2000)
	assert.LessOrEqual(t, len(asked), 5000)
	most := 0
	for _, times := range asked {
		most = max(most, times)
	}
	assert.Greater(t, most, n/20, "some are everywhere")
}

func TestPopulateTakesNobodyTwice(t *testing.T) {
	p := populate(rand.New(rand.NewPCG(1, 0)), 300, 500)
	assert.Len(t, p.organizations, 300)
	assert.Len(t, p.people, 500)
	seen := map[record.NPI]bool{}
	for _, npi := range append(p.organizations, p.people...) {
		assert.False(t, seen[npi])
		seen[npi] = true
	}
}

func TestRatiosAreWithinRounds(t *testing.T) {
	c := comparison{Rows: []row{
		{Turns: []turn{{Rate: 100, WholeRate: 10}, {Rate: 50, WholeRate: 10}, {Rate: 10, WholeRate: 10}}},
		{Turns: []turn{{Rate: 100, WholeRate: 5}, {Rate: 100, WholeRate: 6}, {Rate: 5, WholeRate: 7}}},
	}}
	c.rate()
	assert.InDelta(t, 1, c.Rows[0].Ratio, 1e-9)
	assert.InDelta(t, 1, c.Rows[1].Ratio, 1e-9, "the median of 1, 2 and 0.5")
	assert.InDelta(t, 0.6, c.Rows[1].Whole, 1e-9)
	assert.InDelta(t, 2.5, median([]float64{4, 1, 2, 3}), 1e-9)
}

func TestFirstLineWaitsForItsEnd(t *testing.T) {
	to := make(chan string, 1)
	f := &firstLine{to: to}
	for _, part := range []string{"nats://", "127.0.0.1:1\nmore", "\nand more\n"} {
		n, err := f.Write([]byte(part))
		require.NoError(t, err)
		require.Len(t, part, n)
	}
	assert.Equal(t, "nats://127.0.0.1:1", <-to)
	assert.Empty(t, to)
}
