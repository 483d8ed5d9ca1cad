package consumer

import (
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// delivered is a message as the server delivers it: its place in the stream
// and among the consumer's deliveries, and how often it was delivered.
func delivered(stream, consumer, times int) *nats.Msg {
	return &nats.Msg{Subject: "t.records.claim", Sub: &nats.Subscription{},
		Reply: fmt.Sprintf("$JS.ACK.S.C.%d.%d.%d.1700000000000000000.42", times, stream, consumer)}
}

// said is a word of the server's about a request.
func said(code, description, pending string) *nats.Msg {
	h := nats.Header{"Status": {code}, "Description": {description}}
	if pending != "" {
		h.Set("Nats-Pending-Messages", pending)
	}
	return &nats.Msg{Subject: "_INBOX.1.1", Header: h}
}

func TestTakeWantsAnUnbrokenRun(t *testing.T) {
	for _, c := range []struct {
		name string
		m    *nats.Msg
		ok   bool
	}{
		{"the next", delivered(8, 4, 1), true},
		{"the next for this lane, further on in the stream", delivered(20, 4, 1), true},
		{"one was lost on the way", delivered(9, 5, 1), false},
		{"the same again", delivered(7, 3, 1), false},
		{"delivered a second time", delivered(8, 4, 2), false},
		{"the consumer was set back", delivered(2, 4, 1), false},
		{"the consumer was made anew", delivered(8, 1, 1), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &puller{order: 3, sequence: 7, outstanding: 5, large: true}
			sl, err := p.take(c.m)
			if !c.ok {
				require.ErrorIs(t, err, errDisorder)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, p.sequence, sl.Sequence)
			assert.Equal(t, time.Unix(1_700_000_000, 0).UTC(), sl.Received)
			assert.Equal(t, 4, p.outstanding)
			assert.EqualValues(t, 42, p.lag)
			assert.False(t, p.large, "what was too large has arrived")
		})
	}
}

func TestTakeReadsStatus(t *testing.T) {
	for _, c := range []struct {
		name        string
		m           *nats.Msg
		outstanding int
		large       bool
		err         string
	}{
		{"a heartbeat", said("100", "Idle Heartbeat", ""), 5, false, ""},
		{"time is over", said("408", "Request Timeout", "3"), 2, false, ""},
		{"nothing there", said("404", "No Messages", "5"), 0, false, ""},
		{"bytes are used up", said("409", "Message Size Exceeds MaxBytes", "4"), 1, true, ""},
		{"more owed than asked for", said("408", "Request Timeout", "6"), 0, false, "the server ended a pull request: 408 Request Timeout"},
		{"the consumer is gone", said("409", "Consumer Deleted", ""), 0, false, "the server ended a pull request: 409 Consumer Deleted"},
		{"the leader changed", said("409", "Leadership Change", ""), 0, false, "409 Leadership Change"},
		{"no such consumer", said("503", "", ""), 0, false, "the server answered a pull request with 503"},
		{"a word of tomorrow", said("423", "Nats-Wrong-Pin-Id", "5"), 0, false, "with 423"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &puller{outstanding: 5}
			sl, err := p.take(c.m)
			require.Nil(t, sl)
			if c.err != "" {
				require.ErrorContains(t, err, c.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.outstanding, p.outstanding)
			assert.Equal(t, c.large, p.large)
			assert.WithinDuration(t, time.Now(), p.heard, time.Minute)
		})
	}
	_, err := (&puller{}).take(&nats.Msg{Reply: "_INBOX.somebody", Sub: &nats.Subscription{}})
	require.ErrorContains(t, err, "read a delivery", "it came from no stream")
}

func TestSilent(t *testing.T) {
	now := time.Now()
	assert.False(t, (&puller{heard: now.Add(-time.Hour)}).silent(now), "nothing is asked for")
	assert.False(t, (&puller{outstanding: 1, heard: now.Add(-2 * pullHeartbeat)}).silent(now))
	assert.True(t, (&puller{outstanding: 1, heard: now.Add(-3 * pullHeartbeat)}).silent(now))
}
