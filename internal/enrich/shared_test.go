package enrich

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

// shelf is a Store in memory that may be in trouble.
type shelf struct {
	mu      sync.Mutex
	kept    map[record.NPI]*record.Entry
	trouble error
	hangs   bool
	reads   int
}

func newShelf() *shelf { return &shelf{kept: map[record.NPI]*record.Entry{}} }

func (s *shelf) enter(ctx context.Context) error {
	s.mu.Lock()
	s.reads++
	hangs, trouble := s.hangs, s.trouble
	s.mu.Unlock()
	if hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	return trouble
}

func (s *shelf) Get(ctx context.Context, npi record.NPI) (*record.Entry, error) {
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.kept[npi]; e != nil {
		return e, nil
	}
	return nil, ErrMiss
}

func (s *shelf) Put(ctx context.Context, e *record.Entry) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept[e.NPI] = e
	return nil
}

func TestWorkersShareAnswersAndTheirAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newShelf()
		one := newMoody(well)
		build(t, testConfig, one, store).status(t, npi)
		synctest.Wait()

		time.Sleep(23 * time.Hour)
		two := newMoody(well)
		second := build(t, testConfig, two, store)
		assert.Equal(t, record.Active, second.status(t, npi))
		assert.Empty(t, two.requests())
		assert.EqualValues(t, 1, second.value(t, "npiflow_lookups_total", "tier", "shared", "outcome", "hit"))

		time.Sleep(time.Hour + 2*time.Second)
		_, ok := second.Peek(npi)
		assert.False(t, ok, "a shared answer does not live twice")
		assert.Equal(t, record.Active, second.status(t, npi))
		assert.Len(t, two.requests(), 1)
		assert.EqualValues(t, 1, second.value(t, "npiflow_lookups_total", "tier", "shared", "outcome", "miss"))
	})
}

func TestUnsoundSharedAnswersAreMisses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newShelf()
		store.kept[npi] = entryOf(npi, record.Unknown)
		store.kept[npi+1] = entryOf(npi, record.Active)
		live := newMoody(well)
		h := build(t, testConfig, live, store)
		assert.Equal(t, record.Active, h.status(t, npi))
		assert.Equal(t, record.Active, h.status(t, npi+1))
		assert.Len(t, live.requests(), 2)
	})
}

func TestAStoreInTroubleIsLeftAlone(t *testing.T) {
	for name, ail := range map[string]func(*shelf){
		"fails": func(s *shelf) { s.trouble = errors.New("no quorum") },
		"hangs": func(s *shelf) { s.hangs = true },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := newShelf()
				ail(store)
				live := newMoody(well)
				cfg := testConfig
				cfg.Concurrency = 1
				h := build(t, cfg, live, store)
				for i := range record.NPI(100) {
					assert.Equal(t, record.Active, h.status(t, npi+i))
				}
				assert.Less(t, time.Since(live.born), 3*storeLimit+time.Millisecond)
				synctest.Wait()
				assert.LessOrEqual(t, store.reads, 2*storeTrouble)
				assert.EqualValues(t, 100, h.value(t, "npiflow_lookups_total", "tier", "shared", "outcome", "error"))

				store.mu.Lock()
				store.hangs, store.trouble = false, nil
				store.mu.Unlock()
				time.Sleep(storeRest + time.Second)
				h.status(t, npi+100)
				synctest.Wait()
				assert.Contains(t, store.kept, npi+100, "and asked again after a rest")
				assert.Len(t, live.requests(), 101)
			})
		})
	}
}

func TestKVStore(t *testing.T) {
	kv := bucket(t)
	store := NewKVStore(kv)
	ctx := t.Context()
	_, err := store.Get(ctx, npi)
	assert.ErrorIs(t, err, ErrMiss)

	want := entryOf(npi, record.Active)
	want.Evidence.Type = record.NPI2
	want.Evidence.Name.Organization = "SAMPLE CLINIC"
	want.Evidence.EnumerationDate = 20070102
	want.Taxonomies = []record.Taxonomy{{Code: "207Q00000X", Primary: true}}
	want.Official = &record.Official{First: "PAT", Last: "SAMPLE"}
	require.NoError(t, store.Put(ctx, want))
	got, err := store.Get(ctx, npi)
	require.NoError(t, err)
	assert.Equal(t, want, got)

	for _, value := range []string{"", "null", "{", `"text"`, "{}", `{"npi":"1000000004"}`} {
		_, err := kv.PutString(ctx, npi.String(), value)
		require.NoError(t, err)
		_, err = store.Get(ctx, npi)
		assert.ErrorIs(t, err, ErrMiss, value)
	}
	require.NoError(t, kv.Delete(ctx, npi.String()))
	_, err = store.Get(ctx, npi)
	assert.ErrorIs(t, err, ErrMiss)
}

func TestTwoWorkersOnOneBucket(t *testing.T) {
	kv := bucket(t)
	one, two := newMoody(well), newMoody(well)
	first := build(t, testConfig, one, NewKVStore(kv))
	watch, err := kv.Watch(t.Context(), npi.String(), jetstream.UpdatesOnly())
	require.NoError(t, err)
	assert.Equal(t, record.Active, first.status(t, npi))
	<-watch.Updates() // shared after it was answered
	require.NoError(t, watch.Stop())
	second := build(t, testConfig, two, NewKVStore(kv))
	assert.Equal(t, record.Active, second.status(t, npi))
	assert.Empty(t, two.requests())
}

func TestABrokerThatIsGoneIsNoOutage(t *testing.T) {
	srv, kv := serve(t)
	live := newMoody(well)
	h := build(t, testConfig, live, NewKVStore(kv))
	srv.Shutdown()
	srv.WaitForShutdown()
	for i := range record.NPI(20) {
		assert.Equal(t, record.Active, h.status(t, npi+i))
	}
	assert.Len(t, live.requests(), 20)
}

func bucket(t *testing.T) jetstream.KeyValue {
	_, kv := serve(t)
	return kv
}

func serve(t *testing.T) (*server.Server, jetstream.KeyValue) {
	srv, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true,
	})
	require.NoError(t, err)
	srv.Start()
	t.Cleanup(func() { srv.Shutdown(); srv.WaitForShutdown() })
	require.True(t, srv.ReadyForConnections(10*time.Second))
	nc, err := nats.Connect(srv.ClientURL())
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	kv, err := js.CreateKeyValue(t.Context(), jetstream.KeyValueConfig{Bucket: "NPI_PROVIDERS", Storage: jetstream.FileStorage})
	require.NoError(t, err)
	return srv, kv
}

// FuzzDecodeEntry: whatever stands in the bucket, an entry that is given is the
// one that was asked for, and what was written is read.
func FuzzDecodeEntry(f *testing.F) {
	f.Add([]byte(`{"npi":"1234567893","evidence":{"source":"api","as_of":"2026-11-20","fetched_at":"2026-11-20T12:00:00Z","status":"active"}}`))
	f.Add([]byte(`{"npi":"1234567893","evidence":{"status":"absent","fetched_at":"0001-01-01T00:00:00Z"},"addresses":[{}]}`))
	f.Add([]byte(`{"npi":1234567893}`))
	f.Add([]byte(`[[[[[[`))
	f.Add([]byte{0xff, 0xfe})
	f.Fuzz(func(t *testing.T, value []byte) {
		e, err := decodeEntry(npi, value)
		if err != nil {
			assert.ErrorIs(t, err, ErrMiss)
			assert.Nil(t, e)
			return
		}
		assert.Equal(t, npi, e.NPI)
		lifetimes{time.Hour, time.Hour}.left(e, time.Now)
		e.Answer()
	})
}
