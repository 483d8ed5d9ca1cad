package main

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/checksum"
	"github.com/npiflow/npiflow/internal/mirror"
	"github.com/npiflow/npiflow/internal/record"
)

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
