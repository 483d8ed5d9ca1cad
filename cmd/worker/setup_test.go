package main

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
)

// states maps each thing to its state, and checks that there is a line for
// every thing and no other.
func (p *place) states(lines []line) map[string]string {
	assert.Equal(p.t, topology.Things(), names(lines))
	all := map[string]string{}
	for _, l := range lines {
		all[l.Name] = l.State
	}
	return all
}

func (p *place) alter(stream string, change func(*jetstream.StreamConfig)) {
	s, err := p.js.Stream(p.t.Context(), stream)
	require.NoError(p.t, err)
	cfg := s.CachedInfo().Config
	change(&cfg)
	_, err = p.js.UpdateStream(p.t.Context(), cfg)
	require.NoError(p.t, err)
}

func TestSetup(t *testing.T) {
	p := newPlace(t)
	p.serve()
	lines, said, code := p.call("setup", "--json")
	assert.Zero(t, code, said)
	for thing, state := range p.states(lines) {
		assert.Equal(t, stateCreated, state, thing)
	}
	lines, _, code = p.call("setup", "--json", "--apply")
	assert.Zero(t, code)
	for thing, state := range p.states(lines) {
		assert.Equal(t, stateExists, state, thing)
	}

	p.alter("NPI_RECORDS", func(c *jetstream.StreamConfig) { c.Subjects = []string{"npi.records.claim"} })
	p.alter("NPI_DEAD", func(c *jetstream.StreamConfig) { c.MaxAge, c.Duplicates = time.Hour, time.Hour })
	lines, said, code = p.call("setup", "--json")
	assert.Equal(t, assembly.ExitFailed, code)
	assert.Contains(t, said, "2 of 13 differ")
	assert.Equal(t, stateDiffers, p.states(lines)["stream NPI_RECORDS"])
	assert.Contains(t, p.find(lines, "stream NPI_DEAD").Do, "--apply")

	found, _, code := p.call("doctor", "--json")
	assert.Equal(t, assembly.ExitFailed, code)
	assert.Equal(t, stateFail, p.find(found, "stream NPI_RECORDS").State)
	assert.Equal(t, stateWarn, p.find(found, "stream NPI_DEAD").State)

	lines, said, code = p.call("setup", "--json", "--apply")
	assert.Zero(t, code, said)
	assert.Equal(t, stateAltered, p.states(lines)["stream NPI_RECORDS"])
	assert.Equal(t, stateAltered, p.states(lines)["stream NPI_DEAD"])
	found, _, code = p.call("doctor", "--json")
	assert.Zero(t, code)
	assert.Equal(t, stateOK, p.find(found, "streams").State)
}

func TestSetupCannotMendEverything(t *testing.T) {
	p := newPlace(t)
	p.serve()
	_, err := p.js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "NPI_AUDIT", Subjects: []string{"npi.audit.>"}, Storage: jetstream.MemoryStorage})
	require.NoError(t, err)
	lines, _, code := p.call("setup", "--json", "--apply")
	assert.Equal(t, assembly.ExitFailed, code)
	l := p.find(lines, "stream NPI_AUDIT")
	assert.Equal(t, stateDiffers, l.State)
	assert.Contains(t, l.Detail, "will not change it")
	assert.Equal(t, stateCreated, p.states(lines)["bucket NPI_LEASES"])
}

func TestSetupOfTheEmbeddedServer(t *testing.T) {
	p := newPlace(t)
	lines, said, code := p.call("setup", "--json")
	assert.Zero(t, code, said)
	assert.Equal(t, stateCreated, p.states(lines)["stream NPI_RECORDS"])
	lines, _, code = p.call("setup", "--json")
	assert.Zero(t, code)
	assert.Equal(t, stateExists, p.states(lines)["stream NPI_RECORDS"], "its files stay")
}

func TestSetupWithoutAServer(t *testing.T) {
	p := newPlace(t)
	p.set("NATS_URL", "nats://"+freePort(t))
	lines, said, code := p.call("setup")
	assert.Equal(t, assembly.ExitUnreachable, code)
	assert.Empty(t, lines)
	assert.Contains(t, said, "nats.url")
}
