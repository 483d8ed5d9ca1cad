package broker

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var small = Topology{Prefix: "t", Lanes: 1, Replicas: 1, CacheTTL: time.Hour}

func serve(t *testing.T) jetstream.JetStream {
	srv, err := Embed(t.TempDir(), "127.0.0.1:0", false)
	require.NoError(t, err)
	t.Cleanup(srv.Close)
	nc, err := Connect(Access{URL: srv.URL(), Name: t.Name()})
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	return js
}

func check(t *testing.T, js jetstream.JetStream, topology Topology) (missing []string, drift []Drift) {
	missing, drift, err := Check(t.Context(), js, topology)
	require.NoError(t, err)
	return missing, drift
}

func setup(t *testing.T, js jetstream.JetStream, topology Topology, apply bool) (created []string, drift []Drift) {
	created, drift, err := Setup(t.Context(), js, topology, apply)
	require.NoError(t, err)
	return created, drift
}

func TestSetupCreatesWhatIsMissing(t *testing.T) {
	for _, topology := range []Topology{small, {Prefix: "many", Lanes: 3, Replicas: 1, MaxAge: time.Hour, CacheTTL: time.Minute}} {
		t.Run(topology.Prefix, func(t *testing.T) {
			js := serve(t)
			missing, drift := check(t, js, topology)
			assert.Equal(t, topology.Things(), missing)
			assert.Empty(t, drift)

			created, drift := setup(t, js, topology, false)
			assert.Equal(t, topology.Things(), created)
			assert.Empty(t, drift)

			missing, drift = check(t, js, topology)
			assert.Empty(t, missing)
			assert.Empty(t, drift, "what was just made is as wanted")
			created, drift = setup(t, js, topology, true)
			assert.Empty(t, created)
			assert.Empty(t, drift)
		})
	}
}

func changeStream(t *testing.T, js jetstream.JetStream, name string, change func(*jetstream.StreamConfig)) {
	s, err := js.Stream(t.Context(), name)
	require.NoError(t, err)
	cfg := s.CachedInfo().Config
	change(&cfg)
	_, err = js.UpdateStream(t.Context(), cfg)
	require.NoError(t, err)
}

func TestDriftIsReportedAndMendedOnlyIfAsked(t *testing.T) {
	js := serve(t)
	setup(t, js, small, false)
	changeStream(t, js, "T_RECORDS", func(c *jetstream.StreamConfig) {
		c.Subjects, c.MaxBytes = []string{"t.records.claim"}, 1<<30
	})
	changeStream(t, js, "T_RESULTS_CLAIM", func(c *jetstream.StreamConfig) { c.MaxMsgsPerSubject = 5 })
	changeStream(t, js, "T_OUTCOMES", func(c *jetstream.StreamConfig) { c.MaxAge = time.Hour })
	changeStream(t, js, "KV_T_PROVIDERS", func(c *jetstream.StreamConfig) { c.MaxAge, c.Duplicates = time.Minute, time.Minute })
	c, err := js.Consumer(t.Context(), "T_RECORDS", "claim")
	require.NoError(t, err)
	cfg := c.CachedInfo().Config
	cfg.MaxDeliver = 3
	_, err = js.UpdateConsumer(t.Context(), "T_RECORDS", cfg)
	require.NoError(t, err)

	want := []Drift{
		{Thing: "stream T_RECORDS", What: "subjects is [t.records.claim], not [t.records.>]", Grave: true},
		{Thing: "stream T_RESULTS_CLAIM", What: "messages per subject is 5, not unlimited", Grave: true},
		{Thing: "stream T_OUTCOMES", What: "max_age is 1h0m0s, not 0s"},
		{Thing: "consumer claim", What: "max deliver is 3, not -1", Grave: true},
		{Thing: "bucket T_PROVIDERS", What: "ttl is 1m0s, not 1h0m0s"},
	}
	_, drift := check(t, js, small)
	assert.Equal(t, want, drift)
	_, drift = setup(t, js, small, false)
	assert.Equal(t, want, drift, "nothing is changed unasked")

	_, drift = setup(t, js, small, true)
	for i := range want {
		want[i].Mended = true
	}
	assert.Equal(t, want, drift)
	_, drift = check(t, js, small)
	assert.Empty(t, drift)
	s, err := js.Stream(t.Context(), "T_RECORDS")
	require.NoError(t, err)
	assert.EqualValues(t, 1<<30, s.CachedInfo().Config.MaxBytes, "a limit the operator set stays")
}

func TestDriftTheServerWillNotMend(t *testing.T) {
	js := serve(t)
	_, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "T_DEAD", Subjects: []string{"t.dead.>"}, Storage: jetstream.MemoryStorage, Duplicates: 24 * time.Hour})
	require.NoError(t, err)
	created, drift := setup(t, js, small, true)
	assert.Len(t, created, len(small.Things())-1, "one refusal keeps nothing else from being made")
	require.Len(t, drift, 1)
	assert.False(t, drift[0].Mended)
	assert.Contains(t, drift[0].Refused, "storage type")
}

// A lane that started on a server that cannot reset consumers has made its
// consumer anew, starting somewhere in the middle. That is no drift, and does
// not keep true drift from being mended.
func TestRecreatedConsumerIsMended(t *testing.T) {
	js := serve(t)
	setup(t, js, small, false)
	cfg := small.Consumer(small.LaneList()[0])
	require.NoError(t, js.DeleteConsumer(t.Context(), "T_RECORDS", cfg.Durable))
	cfg.DeliverPolicy, cfg.OptStartSeq, cfg.MaxDeliver = jetstream.DeliverByStartSequencePolicy, 7, 2
	_, err := js.CreateConsumer(t.Context(), "T_RECORDS", cfg)
	require.NoError(t, err)
	_, drift := setup(t, js, small, true)
	require.Len(t, drift, 1)
	assert.True(t, drift[0].Mended, drift[0].Refused)
}

func TestSetupSaysWhatItCouldNotDo(t *testing.T) {
	js := serve(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := Setup(ctx, js, small, false)
	require.ErrorIs(t, err, context.Canceled)
	assert.Contains(t, err.Error(), "set up stream T_RECORDS")
	_, _, err = Check(ctx, js, small)
	require.ErrorIs(t, err, context.Canceled)
}
