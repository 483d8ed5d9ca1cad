package main

import (
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"

	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/broker"
)

func TestLacks(t *testing.T) {
	for _, c := range []struct {
		version string
		sync    config.Sync
		state   string
		has     string
	}{
		{"2.15.2", config.SyncAlways, stateOK, ""},
		{"2.14.0-RC.1", config.SyncDefault, stateOK, ""},
		{"3.0.0", config.SyncAlways, stateOK, ""},
		{"2.13.1", config.SyncAlways, stateWarn, "no consumer reset"},
		{"2.11.9", config.SyncDefault, stateWarn, "no atomic batches"},
		{"2.11.9", config.SyncAlways, stateFail, "atomic batches"},
		{"2.9.25", config.SyncDefault, stateFail, "several filters"},
		{"1.4.1", config.SyncDefault, stateFail, "several filters"},
		{"dev", config.SyncDefault, stateWarn, "none we know"},
		{"", config.SyncDefault, stateWarn, "none we know"},
		{"2.x", config.SyncDefault, stateWarn, "none we know"},
	} {
		l := lacks(c.version, c.sync)
		assert.Equal(t, c.state, l.State, c.version)
		assert.Contains(t, l.Detail, c.has, c.version)
		assert.Equal(t, c.state == stateOK, l.Do == "", c.version)
	}
}

func TestLimits(t *testing.T) {
	for name, c := range map[string]struct {
		tier  jetstream.Tier
		state string
		has   string
	}{
		"unlimited":         {jetstream.Tier{Store: 1234567, Streams: 9, Limits: jetstream.AccountLimits{MaxStore: -1, MaxStreams: -1, MaxAckPending: -1}}, stateOK, "1.23 MB stored (no limit), 9 streams (no limit)"},
		"room":              {jetstream.Tier{Store: 1e9, Limits: jetstream.AccountLimits{MaxStore: 2e9, MaxStreams: 20}}, stateOK, "1 GB stored (limit 2 GB), 0 streams (limit 20)"},
		"nearly full":       {jetstream.Tier{Store: 1.9e9, Limits: jetstream.AccountLimits{MaxStore: 2e9}}, stateWarn, "soon nothing more"},
		"too few unsettled": {jetstream.Tier{Limits: jetstream.AccountLimits{MaxAckPending: 1000}}, stateFail, "1000 unacknowledged"},
	} {
		t.Run(name, func(t *testing.T) {
			l := limits(c.tier, topology)
			assert.Equal(t, c.state, l.State)
			assert.Contains(t, l.Detail, c.has)
		})
	}
}

func TestAsConfigured(t *testing.T) {
	drift := []broker.Drift{{Thing: "stream A", What: "subjects", Grave: true}, {Thing: "stream B", What: "max_age"}}
	got := asConfigured([]string{"bucket C", "bucket D"}, drift, errors.New("no answer"))
	var states []string
	for _, l := range got {
		states = append(states, l.State)
		assert.NotEmpty(t, l.Do)
	}
	assert.Equal(t, []string{stateFail, stateWarn, stateWarn, stateFail}, states)
	assert.Equal(t, "missing: bucket C, bucket D", got[2].Detail)
	assert.Len(t, asConfigured(nil, nil, nil), 1)
}

func TestWordsOnStorage(t *testing.T) {
	assert.Contains(t, copies(1), "one copy")
	assert.Equal(t, "3 copies: the loss of 1 server is survived", copies(3))
	assert.Equal(t, "5 copies: the loss of 2 servers is survived", copies(5))
	assert.Equal(t, "kept for ever", howLong(0))
	assert.Equal(t, "kept for 1h0m0s, worked or not", howLong(time.Hour))
	for n, want := range map[uint64]string{0: "0 B", 999: "999 B", 1000: "1 kB", 12_345_678: "12.3 MB", 5e15: "5e+03 TB"} {
		assert.Equal(t, want, size(n))
	}
	assert.Contains(t, synced(config.NATS{Sync: config.SyncAlways}).Detail, "loses nothing")
	assert.Contains(t, synced(config.NATS{URL: "nats://x", Sync: config.SyncDefault}).Detail, "cannot be asked")
	assert.Contains(t, synced(config.NATS{URL: "nats://x", Replicas: 3}).Detail, "at once")
}
